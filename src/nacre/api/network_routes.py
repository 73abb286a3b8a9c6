# SPDX-License-Identifier: Apache-2.0
"""The routes of the network."""

from __future__ import annotations

from nacre.access.roles import Role
from nacre.api import jobs, models, network
from nacre.api import network_bodies as bodies
from nacre.api.route import Route
from nacre.network.training_report import TrainingReport
from nacre.network_desk import Explanation, Job, ModelInfo, NetworkStatus

_VIEWER, _HELPDESK, _OPERATOR, _ADMIN = Role.VIEWER, Role.HELPDESK, Role.OPERATOR, Role.ADMIN

_OFF = {"409": "The settings do without the network."}
_NOT_THE_SAME = {"409": "The attempt came from elsewhere or was for another account, or the network is off."}
_DRY_RUN = {"409": "The settings keep the network from acting, or do without it."}
_LATER = {"202": "The training is asked for; `Location` names its job."} | _OFF
_NO_PREVIOUS = {"404": "There is no previous model."} | _OFF
_GATE = {"409": "The gate held this model back, or the network is off."}

ROUTES = (
    Route(
        "GET",
        "/api/v1/network",
        _VIEWER,
        network.status,
        NetworkStatus,
        "Ask how the network is: its model, what it may do, what is kept, what drifts.",
    ),
    Route(
        "POST",
        "/api/v1/network/reset",
        _ADMIN,
        network.reset,
        NetworkStatus,
        "Go back to the shipped model and the canonical features, and to learning.",
        statuses=_OFF,
    ),
    Route(
        "GET",
        "/api/v1/learning-mode",
        _VIEWER,
        network.learning_mode,
        bodies.LearningState,
        "Ask whether the network only collects and scores.",
    ),
    Route(
        "PUT",
        "/api/v1/learning-mode",
        _OPERATOR,
        network.set_learning_mode,
        bodies.LearningState,
        "Let the network only collect (true), act (false), or act as soon as it may (null).",
        body=bodies.LearningMode,
        statuses=_DRY_RUN,
    ),
    Route(
        "POST",
        "/api/v1/feedback",
        _HELPDESK,
        network.give_feedback,
        bodies.FeedbackEntry,
        "Say what an attempt was.",
        body=bodies.FeedbackBody,
        statuses=_NOT_THE_SAME,
    ),
    Route(
        "GET",
        "/api/v1/feedback",
        _VIEWER,
        network.list_feedback,
        bodies.FeedbackList,
        "List the newest feedback.",
        query=bodies.FeedbackPage,
        statuses=_OFF,
    ),
    Route(
        "GET",
        "/api/v1/decisions/{request_id}/explanation",
        _VIEWER,
        network.explain,
        Explanation,
        "Ask why an attempt has its score.",
        query=bodies.HeadQuery,
        statuses=_OFF,
    ),
    Route(
        "POST",
        "/api/v1/train",
        _ADMIN,
        jobs.train,
        Job,
        "Ask for a training; if one waits or runs already, for that one.",
        query=bodies.TrainQuery,
        body=bodies.TrainBody,
        optional=True,
        statuses=_LATER,
    ),
    Route(
        "GET",
        "/api/v1/jobs/{job_id}",
        _VIEWER,
        jobs.job,
        Job,
        "Ask how far a training is.",
        statuses=_OFF,
    ),
    Route(
        "DELETE",
        "/api/v1/jobs/{job_id}",
        _ADMIN,
        jobs.cancel,
        Job,
        "Ask a training to stop; what it has trained so far is thrown away.",
        statuses=_OFF,
    ),
    Route(
        "GET",
        "/api/v1/jobs/{job_id}/events",
        _VIEWER,
        jobs.events,
        str,
        "Follow a training as a stream of server-sent events.",
        media=jobs.EVENTS,
        statuses=_OFF,
    ),
    Route(
        "GET",
        "/api/v1/models",
        _VIEWER,
        models.models,
        bodies.ModelList,
        "List the models that are kept.",
        statuses=_OFF,
    ),
    Route(
        "GET",
        "/api/v1/models/{version}/report",
        _VIEWER,
        models.report,
        TrainingReport,
        "Ask how good a model is, on traffic that it was not trained on.",
        also=(models.HTML,),
        statuses=_OFF,
    ),
    Route(
        "GET",
        "/api/v1/models/{version}/report.html",
        _VIEWER,
        models.page,
        str,
        "The same as a page.",
        media=models.HTML,
        statuses=_OFF,
    ),
    Route(
        "POST",
        "/api/v1/models/{version}/publish",
        _ADMIN,
        models.publish,
        ModelInfo,
        "Put a model in use everywhere.",
        body=bodies.PublishBody,
        optional=True,
        statuses=_GATE,
    ),
    Route(
        "POST",
        "/api/v1/models/rollback",
        _OPERATOR,
        models.rollback,
        ModelInfo,
        "Put the previous model in use again.",
        statuses=_NO_PREVIOUS,
    ),
    Route(
        "POST",
        "/api/v1/models/{version}/rollback",
        _OPERATOR,
        models.rollback_one,
        ModelInfo,
        "Leave this model for the one before it; or go back to it, if it is not in use.",
        statuses=_GATE,
    ),
    Route(
        "GET",
        "/api/v1/features",
        _VIEWER,
        network.features,
        bodies.FeatureList,
        "List all columns and additional features.",
        statuses=_OFF,
    ),
    Route(
        "DELETE",
        "/api/v1/features",
        _ADMIN,
        network.remove_features,
        bodies.FeaturesRemoved,
        "Remove additional features; if the model uses one of them, the network is reset.",
        query=bodies.FeatureQuery,
        body=bodies.FeatureNames,
        optional=True,
        statuses=_OFF,
    ),
    Route(
        "DELETE",
        "/api/v1/accounts",
        _ADMIN,
        network.erase,
        bodies.Erased,
        "Forget what the network keeps of a person.",
        query=bodies.AccountName,
    ),
)
