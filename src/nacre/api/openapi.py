# SPDX-License-Identifier: Apache-2.0
"""The OpenAPI 3.1 document, made from the same table and types as the application."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import msgspec

from nacre.api.problems import MEDIA_TYPE, Problem
from nacre.api.route import PUBLIC, Route
from nacre.config.duration import Duration

_REF = "#/components/schemas/{name}"
_PATH_PARAMETER = re.compile(r"{(\w+)}")
_STATUSES = {
    "400": "The request cannot be read.",
    "401": "No token, or one that does not hold.",
    "403": "The token lacks the role.",
    "404": "There is no such thing.",
    "405": "The path has no such method.",
    "408": "The request did not arrive in time.",
    "413": "The body is too large.",
    "422": "A field cannot be used; the problem names it.",
    "431": "The headers are too large.",
    "500": "The store holds what this service did not write, or there is an error in this service.",
    "503": "The store is away; try again after the seconds that `Retry-After` names.",
}
_WITHOUT_STORE = {"/livez", "/metrics", "/api/v1/config"}
_EVERYWHERE = {"400", "405", "408", "431", "500"}


def document(routes: Sequence[Route]) -> dict[str, Any]:
    """
    Return the OpenAPI document of some routes.

    >>> document(())["openapi"]
    '3.1.0'
    """
    kinds = (kind for route in routes for kind in (route.returns, route.body, route.query) if kind is not None)
    types = list(dict.fromkeys([Problem, *kinds]))
    schemas, components = msgspec.json.schema_components(types, schema_hook=_schema, ref_template=_REF)
    by_type = dict(zip(types, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, by_type, components)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "nacre",
            "version": version("nacre"),
            "description": "Adaptive protection against brute force, password spraying, credential stuffing "
            "and distributed login attacks.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": dict(sorted(components.items())),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            },
        },
    }


def _schema(kind: type) -> dict[str, Any]:
    if kind is Duration:
        return {"type": "string", "description": 'A duration: "15m", "24h".'}
    raise NotImplementedError(kind)


def _operation(route: Route, by_type: dict[Any, Any], components: dict[str, Any]) -> dict[str, Any]:
    content = _content(route, by_type[route.returns])
    operation: dict[str, Any] = {
        "operationId": _operation_id(route),
        "summary": route.summary,
        "responses": {"200": {"description": "The answer.", "content": content}},
    }
    problem = {MEDIA_TYPE: {"schema": {"$ref": _REF.format(name="Problem")}}}
    statuses = {status: text for status, text in _STATUSES.items() if status in _statuses(route)}
    statuses.update(route.statuses)
    operation["responses"] |= {
        status: {"description": text, "content": content if status < "300" else problem}
        for status, text in sorted(statuses.items())
    }
    if route.role is not PUBLIC:
        operation["security"] = [{"token": []}, {"key": []}]
        operation["description"] = f"Needs the role `{route.role}`."
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in _PATH_PARAMETER.findall(route.path)
    ]
    if route.query is not None:
        parameters += _query(components[route.query.__name__])
    if parameters:
        operation["parameters"] = parameters
    if route.body is not None:
        content = {"application/json": {"schema": by_type[route.body]}}
        if route.batch:
            content["application/x-ndjson"] = {
                "schema": {"type": "string", "description": "One JSON object a line; one answer a line."}
            }
        operation["requestBody"] = {"required": not route.optional, "content": content}
    return operation


def _statuses(route: Route) -> set[str]:
    """Return the statuses of the errors that a route may answer with."""
    statuses = set(_EVERYWHERE)
    if route.role is not PUBLIC:
        statuses |= {"401", "403"}
    if route.body is not None:
        statuses |= {"413"}
    if route.body is not None or route.query is not None:
        statuses |= {"422"}
    if "{" in route.path or "request_id" in getattr(route.body, "__struct_fields__", ()):
        statuses |= {"404"}
    if route.path not in _WITHOUT_STORE:
        statuses |= {"503"}
    return statuses


def _content(route: Route, schema: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = {route.media: {"schema": schema}}
    if route.batch:
        content["application/x-ndjson"] = {"schema": {"type": "string"}}
    content |= {media: {"schema": {"type": "string"}} for media in route.also}
    return content


def _query(schema: dict[str, Any]) -> list[dict[str, Any]]:
    required = set(schema.get("required", ()))
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "schema": part,
            "description": part.get("description", ""),
        }
        for name, part in schema["properties"].items()
    ]


def _operation_id(route: Route) -> str:
    words = re.findall(r"[a-z]+", route.path.removeprefix("/api/v1"))
    return "_".join([route.method.lower(), *words])
