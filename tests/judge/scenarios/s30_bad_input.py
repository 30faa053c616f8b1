"""Issue (c): bad input gets the right status and changes nothing."""
import copy
import time
import uuid

import requests

import osa_wire
from osa import link, plan
from scene import scenario


def rows(s, c):
    """(name, method, path, body or raw, statuses that are right)."""
    def tenant(**changes):
        body = copy.deepcopy(s.customer().tenant)
        for key, value in changes.items():
            body.pop(key) if value is None else body.update({key: value})
        return body
    user, nobody = c.users[0], str(uuid.uuid4())
    licence = lambda **k: {"aps": {"id": str(uuid.uuid4()), "type": "http://www.mozy.com/mozyProAPS2/mozyProAccountUserLicense/1.0"}, "mozyProAccountUser": link(user), "licenseType": "Desktop", "quota": 1, **k}
    bad = (400, 422)
    return [
        ("unknown service", "POST", "mozyProNonsense", {"aps": {"id": nobody}}, (404,)),
        ("unknown operation", "POST", f"mozyProAccount/{c.id}/makeCoffee", {}, (200, 400, 404, 405)),  # may be taken for a link, which is ignored
        ("no account link", "POST", "mozyProAccount", tenant(account=None), bad),
        ("no subscription link", "POST", "mozyProAccount", tenant(subscription=None), bad),
        ("a link that is a string", "POST", "mozyProAccount", tenant(account="x"), bad),
        ("negative limit", "POST", "mozyProAccount", tenant(desktopQuota={"limit": -5}), bad),
        ("a limit that is a string", "POST", "mozyProAccount", tenant(desktopQuota={"limit": "many"}), bad),
        ("a limit beyond reason", "POST", "mozyProAccount", tenant(desktopLicenseNum={"limit": 10**30}), bad),
        ("no aps.id", "POST", "mozyProAccount", tenant(aps={"type": "x"}), bad),
        ("an aps.id that is no UUID", "POST", "mozyProAccount", tenant(aps={"id": "../../etc"}), bad),
        ("unknown accountType", "POST", "mozyProAccount", tenant(accountType="XXL"), bad),
        ("negative quota", "POST", "mozyProAccountUserLicense", licence(quota=-1), bad),
        ("a quota that is a list", "POST", "mozyProAccountUserLicense", licence(quota=[1]), bad),
        ("unknown licenseType", "POST", "mozyProAccountUserLicense", licence(licenseType="Toaster"), bad),
        ("a licence without its user", "POST", "mozyProAccountUserLicense", {k: v for k, v in licence().items() if k != "mozyProAccountUser"}, bad),
        ("a licence of an unknown user", "POST", "mozyProAccountUserLicense", licence(mozyProAccountUser={"aps": {"id": nobody}}), (400, 404, 409, 422)),
        ("a list", "POST", "mozyProAccount", [1, 2], bad),
        ("not JSON", "POST", "mozyProAccount", b"<xml/>", bad),
        ("an empty body", "POST", "mozyProAccount", b"", bad),
        ("20,000 levels deep", "POST", "mozyProAccount", b"[" * 20_000 + b"]" * 20_000, bad),
        ("not UTF-8", "POST", "mozyProAccount", b'{"aps":{"id":"\xff\xfe"}}', bad),
        ("retrieve of nobody", "GET", f"mozyProAccount/{nobody}", None, (404,)),
        ("configure of nobody", "PUT", f"mozyProAccount/{nobody}", tenant(), (404,)),
        ("a method that is none", "PATCH", f"mozyProAccount/{c.id}", {}, (404, 405)),
        ("createPartner without staff", "POST", f"mozyProAccount/{c.id}/createPartner", {}, (200, 400, 404, 409, 422)),
    ]


@scenario("c bad input gets the right status")
def bad_input(s):
    s.given("a subscription with a user")
    c = s.ordered()
    c.add_user("ann")
    mark = s.mark()
    for name, method, path, body, right in rows(s, c):
        s.step = name
        kw = {"raw": body} if isinstance(body, bytes) else {"body": body}
        answer = s.osa.call(c.instance, method, path, **kw)
        s.expect_in("status", right, answer.status)
        sent = body.get("aps", {}).get("id") if isinstance(body, dict) else None
        if sent and right == (400, 422) and method == "POST":
            s.expect("known afterwards", 404, s.daemon.api(f"subscriptions/{sent.replace('/', '%2F')}").status_code)
        if answer.status >= 400 and answer.status not in (404, 405):
            s.true(f"an error in APS's form: seen {answer.text[:120]}", isinstance(answer.json, dict) and {"code", "error", "message"} <= set(answer.json), "error form")
    s.step = "10 MB"
    try:
        answer = s.osa.call(c.instance, "POST", "mozyProAccount", raw=b'{"aps":"' + b"x" * 10_000_000 + b'"}')
        s.expect_in("status", (400, 413), answer.status)
    except requests.ConnectionError:
        s.facts.append("10 MB cut off")  # refusing without reading to the end is fine
    s.step = "afterwards"
    s.quiet(c, since=mark)


@scenario("c unsigned and wrongly signed")
def strangers(s):
    s.given("a subscription")
    c = s.ordered()
    mark, auth = s.mark(), s.world.auth
    url = f"{s.osa.endpoint}/mozyProAccount"
    other = s.customer()

    def attempt(name, how, headers=None, method="POST", target=url, body=other.tenant):
        s.step = name
        try:
            answer = osa_wire.send(auth, method, target, headers or s.osa.headers(c.instance), body, how=how)
            s.expect_in("status", (401, 403), answer.status_code)
        except requests.exceptions.SSLError:
            s.facts.append(f"{name}: no handshake")
        except requests.ConnectionError as e:  # a TLS alert that comes after the handshake looks like this
            s.true(f"cut off: {e}", auth.mode == "mtls", f"{name}: cut off")
    for method, target in (("POST", url), ("DELETE", f"{url}/{c.id}"), ("PUT", f"{url}/{c.id}/disable"), ("GET", f"{url}/{c.id}"), ("GET", f"{url}/{c.id}/getClientUrl")):
        attempt(f"unsigned {method}", auth.no_credentials(), method=method, target=target)
        attempt(f"wrongly signed {method}", auth.wrong_credentials(), method=method, target=target)
    attempt("an instance that nobody installed", auth.credentials(), s.osa.headers(str(uuid.uuid4())))
    attempt("no instance", auth.credentials(), {k: v for k, v in s.osa.headers(c.instance).items() if k != "APS-Instance-ID"})
    if auth.mode == "oauth":
        replay_and_age(s, c, attempt)
    s.step = "afterwards"
    s.expect("the stranger's order", 404, s.daemon.api(f"subscriptions/{other.id}").status_code)
    s.quiet(c, since=mark)


def replay_and_age(s, c, attempt):
    from requests_oauthlib import OAuth1
    key, secret, url = s.world.auth.key, s.world.auth.secret, f"{s.osa.endpoint}/mozyProAccount/{c.id}"
    attempt("a timestamp of yesterday", {"auth": OAuth1(key, secret, timestamp=str(int(time.time()) - 86400))}, method="GET", target=url, body=None)
    attempt("a key of somebody else", {"auth": OAuth1("somebody", secret)}, method="GET", target=url, body=None)
    once = dict(timestamp=str(int(time.time())), nonce=uuid.uuid4().hex)
    first = osa_wire.send(s.world.auth, "GET", url, s.osa.headers(c.instance), how={"auth": OAuth1(key, secret, **once)})
    s.step = "a nonce"
    s.expect("first time", 200, first.status_code)
    attempt("a nonce a second time", {"auth": OAuth1(key, secret, **once)}, method="GET", target=url, body=None)
    signed = requests.Request("GET", url, auth=OAuth1(key, secret)).prepare()
    attempt("a signature for another path", {"auth": lambda r: (r.headers.update(Authorization=signed.headers["Authorization"]), r)[1]}, method="GET", target=f"{url}/getClientUrl", body=None)


@scenario("c an instance key that Mozy does not know")
def wrong_key(s):
    s.given("an instance whose api_key Mozy refuses")
    instance = s.osa.install("w" * 64, 1)
    from customer import Customer
    c = Customer(s.osa, instance, limits=plan())
    s.when("somebody orders there")
    seen = s.refused("the order", lambda: c.order())
    s.true("it was never answered 202", bool(seen and seen.infos), "202 meanwhile")
    s.expect("partners", [], s.mozy.partners(c.number))
