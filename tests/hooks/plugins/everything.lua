-- SPDX-License-Identifier: Apache-2.0
-- Calls every function of every module once; test_everything.py counts.

local function good(value, err)
  if value == nil then
    error(err or "nothing", 2)
  end
  return value
end

local function stores(R)
  local h = good(R.get_redis_connection("default"))
  R.register_redis_pool("nowhere", "standalone", {})
  good(R.redis_ping(h)) good(R.redis_set(h, "k", 1, 60)) good(R.redis_get(h, "k", "number")) good(R.redis_incr(h, "k"))
  R.redis_expire(h, "k", 60) good(R.redis_exists(h, "k")) good(R.redis_rename(h, "k", "l")) good(R.redis_del(h, "l"))
  good(R.redis_mset(h, "a", 1, "b", 2)) good(R.redis_mget(h, "a", "b")) good(R.redis_keys(h, "*")) good(R.redis_scan(h, 0))
  good(R.redis_hset(h, "h", "f", 1)) good(R.redis_hget(h, "h", "f")) good(R.redis_hincrby(h, "h", "f", 1))
  good(R.redis_hincrbyfloat(h, "h", "f", 0.5)) good(R.redis_hlen(h, "h")) good(R.redis_hgetall(h, "h"))
  good(R.redis_hmget(h, "h", "f")) good(R.redis_hexists(h, "h", "f")) good(R.redis_hdel(h, "h", "f"))
  good(R.redis_sadd(h, "s", "m")) good(R.redis_sismember(h, "s", "m")) good(R.redis_smembers(h, "s"))
  good(R.redis_scard(h, "s")) good(R.redis_srem(h, "s", "m"))
  good(R.redis_zadd(h, "z", { a = 1, b = 2 })) good(R.redis_zrange(h, "z", 0, -1)) good(R.redis_zrevrange(h, "z", 0, -1))
  good(R.redis_zrangebyscore(h, "z", 0, 9)) good(R.redis_zcount(h, "z", 0, 9)) good(R.redis_zscore(h, "z", "a"))
  good(R.redis_zrank(h, "z", "a")) good(R.redis_zrevrank(h, "z", "a")) good(R.redis_zincrby(h, "z", 1, "a"))
  good(R.redis_zremrangebyscore(h, "z", 5, 9)) good(R.redis_zremrangebyrank(h, "z", 5, 9)) good(R.redis_zrem(h, "z", "a"))
  good(R.redis_lpush(h, "q", 1)) good(R.redis_rpush(h, "q", 2)) good(R.redis_lrange(h, "q", 0, -1)) good(R.redis_llen(h, "q"))
  good(R.redis_lpop(h, "q")) good(R.redis_rpop(h, "q"))
  good(R.redis_pfadd(h, "p", "x")) good(R.redis_pfcount(h, "p")) good(R.redis_pfmerge(h, "o", "p"))
  good(R.redis_upload_script(h, "return 1", "one")) good(R.redis_run_script(h, "", "one", {}, {}))
  good(R.redis_pipeline(h, "read", { { "get", "a" } })[1])
  R.redis_encrypt("x") R.redis_decrypt("x") R.redis_is_encryption_enabled()
end

local function requests(H, W, C, B, K)
  H.get_http_query_param("q") H.get_http_request_header("Accept") H.get_all_http_request_headers()
  H.get_http_request_body() H.get_http_method() H.get_http_path()
  W.set_http_status(W.STATUS_OK) W.set_http_response_header("X-A", "1") W.add_http_response_header("X-A", "2")
  W.remove_http_response_header("X-A") W.set_http_content_type("text/plain") W.write_http_response_body("x")
  W.string(200, "x") W.html(200, "x") W.data(200, "a/b", "x") W.redirect(302, "/")
  C.context_set("k", { 1 }) good(C.context_get("k")) C.context_delete("k")
  local b = require("nauthilus_backend_result").new()
  b:attributes({ a = "b" })
  B.apply_backend_result(b) B.remove_from_backend_result({ "c" }) good(B.get_backend_servers())
  B.select_backend_server("192.0.2.1", 1) B.check_backend_connection("192.0.2.1", 1, false, false)
  good(K.cache_set("k", 1)) good(K.cache_get("k")) good(K.cache_exists("k")) good(K.cache_keys()) good(K.cache_size())
  good(K.cache_update("k", function(n) return n + 1 end)) good(K.cache_push("l", 1)) good(K.cache_pop_all("l"))
  good(K.cache_delete("k")) K.cache_flush()
end

local function metrics(P)
  P.create_gauge_vec("e_gauge", "g", { "l" }) P.create_counter_vec("e_total", "c", { "l" })
  P.create_histogram_vec("e_seconds", "h", { "l" }) P.create_summary_vec("e_summary", "s", { "l" })
  local labels = { l = "x" }
  P.set_gauge("e_gauge", 1, labels) P.add_gauge("e_gauge", 1, labels) P.sub_gauge("e_gauge", 1, labels)
  P.increment_gauge("e_gauge", labels) P.decrement_gauge("e_gauge", labels) P.increment_counter("e_total", labels)
  P.stop_timer(P.start_histogram_timer("e_seconds", labels)) P.stop_timer(P.start_summary_timer("e_summary", labels))
end

local function others()
  local M, S = require("nauthilus_misc"), require("nauthilus_soft_whitelist")
  good(M.get_country_name("DE")) M.wait_random(0, 1) good(M.scoped_ip("192.0.2.1"))
  S.soft_whitelist_set("erika", "192.0.2.0/24", "rbl") good(S.soft_whitelist_get("erika", "rbl")[1])
  S.soft_whitelist_delete("erika", "192.0.2.0/24", "rbl")
  local P, N, L = require("nauthilus_password"), require("nauthilus_psnet"), require("nauthilus_ldap")
  P.compare_passwords("{PLAIN}x", "x") P.check_password_policy({}, "x") good(P.generate_password_hash("x"))
  N.register_connection_target(os.getenv("TCP"), "remote", "x") good(N.get_connection_target(os.getenv("TCP")))
  good(N.get_connections_target(os.getenv("TCP")))
  L.ldap_search({}) L.ldap_modify({}) L.ldap_endpoint()
  assert(require("nauthilus_mail").send_mail({ server = "192.0.2.1", port = 25, to = { "x@example.test" } }))
  good(require("nauthilus_dns").resolve("example.test", "MX"))
end

local function web()
  local H, G, T = require("http"), require("glua_http"), require("telegram")
  local url = os.getenv("WEB")
  for _, method in ipairs({ "get", "post", "put", "patch", "delete", "head" }) do
    good(G[method](url))
  end
  good(G.request("GET", url)) good(G.request_batch({ { "GET", url } })[1])
  local client = H.client({})
  good(client:do_request(H.request("GET", url)))
  H.query_escape("a b") H.query_unescape("a+b") good(H.parse_url(url).host)
  good(T.bot("token", client):sendMessage({ text = "x" }))
  local conn = good(require("tcp").open(os.getenv("TCP")))
  conn:write("x") good(conn:read(1)) conn:close()
end

local function texts()
  local J, Y, T, S = require("json"), require("yaml"), require("time"), require("strings")
  good(J.decode(good(J.encode({ 1 })))) good(Y.decode(good(Y.encode({ 1 }))))
  T.unix() T.unix_nano() T.sleep(0) good(T.parse(good(T.format(0, "2006", "UTC")), "2006"))
  S.split("a b", " ") S.fields("a b") S.trim("a", "a") S.trim_space(" a") S.trim_prefix("ab", "a") S.trim_suffix("ab", "b")
  S.has_prefix("a", "a") S.has_suffix("a", "a") S.contains("a", "a")
  local C, X, R = require("crypto"), require("hex"), require("regexp")
  C.md5("x") C.sha1("x") C.sha256("x") C.sha512("x") C.crc32("x") C.hmac("md5", "x", "k")
  local key, iv = string.rep("k", 16), string.rep("i", 16)
  good(C.decrypt(good(C.encrypt("x", "aes-cbc", key, 0, iv)), "aes-cbc", key, 0, iv))
  good(C.base64_decode(C.base64_encode("x"))) good(C.base64_url_decode(C.base64_url_encode("x")))
  good(X.decode_string(X.encode_to_string("x"))) good(R.match("x", "x")) good(R.find_all_string_submatch("x", "x"))
  good(R.compile("x")):match("x")
  local e = require("base64").StdEncoding
  good(e:decode_string(e:encode_to_string("x")))
  good(require("template").choose("mustache")):render("{{x}}", { x = 1 })
  require("log").new():print("x")
  require("db").open("mysql", "dsn")
  local U = require("nauthilus_util")
  U.log_info("x") U.get_current_timestamp() U.generate_random_string(1) U.is_routable_ip("192.0.2.1")
  U.print_result({ log_format = "json", log_level = "info" }, { a = {} })
end

function nauthilus_run_hook(logging, session)
  stores(require("nauthilus_redis"))
  requests(require("nauthilus_http_request"), require("nauthilus_http_response"), require("nauthilus_context"),
    require("nauthilus_backend"), require("nauthilus_cache"))
  metrics(require("nauthilus_prometheus"))
  others()
  web()
  texts()
  return { done = true, session = session, logging = logging.log_format }
end
