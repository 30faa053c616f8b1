"""What must be true of everything that was said while the other scenarios played."""
from scene import scenario


@scenario("z every envelope was what the contract says", last=True)
def envelopes(s):
    s.expect("complaints of Mozy's side", [], [f"{c['n']} × {c['what']}" for c in s.mozy.complaints()][:8])


@scenario("z every call to OSA was what the contract says", last=True)
def calls_to_osa(s):
    s.expect("complaints of OSA's side", [], sorted(set(s.osa.complaints))[:8])


@scenario("z no secret in the log", last=True)
def secrets(s):
    log = s.daemon.log()
    s.true("the log is empty", bool(log), "a log")
    hidden = {"an api_key": [k for k, _, _ in s.world.keys.values()], "the OAuth secret": [s.world.oauth_secret], "a one-time link": ["one_time="]}
    if s.world.auth.mode == "mtls":
        hidden["a private key"] = ["BEGIN PRIVATE KEY", s.world.auth.application_key.splitlines()[1]]
    s.expect("in the log", [], [what for what, texts in hidden.items() for text in texts if text in log])
    s.true(f"panics in the log: {log.count('panicked at')}", "panicked at" not in log, f"{len(log.splitlines())} lines")


@scenario("z metrics name no ids and health is green", last=True)
def faces(s):
    import requests
    s.expect("livez, readyz", [200, 200], [requests.get(f"{s.daemon.admin}/{p}", timeout=5).status_code for p in ("livez", "readyz")])
    text = requests.get(f"{s.daemon.admin}/metrics", timeout=5).text
    s.true("metrics begin with mozyd_", "mozyd_build_info" in text, "mozyd_build_info")
    known = [str(r["id"]) for r in s.mozy.rows("select id from partner")] + [k for k, _, _ in s.world.keys.values()]
    labels = "\n".join(line.split("{", 1)[1].rsplit("}", 1)[0] for line in text.splitlines() if "{" in line)
    s.expect("ids in metrics' labels", [], [i for i in known if i in labels])


@scenario("z SIGTERM ends it in good order", last=True)
def ends(s):
    s.daemon.process.terminate()
    s.expect("exit code", 0, s.daemon.process.wait(30))
