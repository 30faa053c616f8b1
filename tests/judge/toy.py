#!/usr/bin/env python3
"""The smallest thing that can stand where mozyd will: one lock, no care about crashes. It exists to try the judge, which must
pass what is right and fail what is not; never take an idea from here. `toy.py migrate|run --config PATH`."""
import json
import os
import pickle
import sys
import threading
import time
import tomllib
import traceback
import xml.etree.ElementTree as ET
from xml.sax.saxutils import escape

import requests
from requests_oauthlib import OAuth1

import osa_wire

XSI, ENC = "{http://www.w3.org/2001/XMLSchema-instance}", "{http://schemas.xmlsoap.org/soap/encoding/}"
WSDL = "{http://schemas.xmlsoap.org/wsdl/}"


class Soap:
    """Sends the parts in the order of the service's own WSDL."""

    def __init__(self, base, key):
        self.base, self.key, self.parts = f"{base}/api/0.1.50", key, {}

    def __call__(self, service, method, **a):
        if service not in self.parts:
            tree = ET.fromstring(requests.get(f"{self.base}/{service}/service.wsdl", timeout=5).content)
            self.parts[service] = {m.get("name"): [p.get("name") for p in m.iter(WSDL + "part")] for m in tree.iter(WSDL + "message")}
        a["api_key"] = self.key
        body = "".join(encode(p, a.get(p)) for p in self.parts[service][method + "In"] if p in a or "password" not in p)
        xml = ('<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
               f'xmlns:c="http://schemas.xmlsoap.org/soap/encoding/" xmlns:m="urn:ActionWebService"><e:Body><m:{method}>{body}</m:{method}></e:Body></e:Envelope>')
        r = requests.post(f"{self.base}/{service}/api", xml.encode(), headers={"SOAPAction": f'"/{service}/api/{method}"', "Content-Type": "text/xml"}, timeout=5)
        fault = ET.fromstring(r.content).find(".//faultstring")
        if fault is not None:
            raise LookupError(fault.text)
        return decode(ET.fromstring(r.content).find(".//return"))

    def get(self, service, **a):
        try:
            return self(service, "Get", **a)["results"]
        except LookupError:
            return []


def encode(name, v):
    if v is None:
        return f'<{name} xsi:nil="true"/>'
    if isinstance(v, dict):
        return f'<{name} xsi:type="m:Find">' + "".join(encode(k, x) for k, x in v.items()) + f"</{name}>"
    if isinstance(v, list):
        kind = "xsd:string" if isinstance(v[0], str) else "m:Pair"
        return f'<{name} xsi:type="c:Array" c:arrayType="{kind}[{len(v)}]">' + "".join(encode("item", x) for x in v) + f"</{name}>"
    kind = "boolean" if isinstance(v, bool) else "long" if isinstance(v, int) else "string"
    return f'<{name} xsi:type="xsd:{kind}">{escape(str(v).lower() if isinstance(v, bool) else str(v))}</{name}>'


def decode(e):
    if e is None or e.get(XSI + "nil"):
        return None
    if e.get(ENC + "arrayType"):
        return [decode(x) for x in e]
    if len(e):
        return {x.tag: decode(x) for x in e}
    kind = (e.get(XSI + "type") or "").split(":")[-1]
    return int(e.text) if kind in ("int", "long") else e.text == "true" if kind == "boolean" else e.text or ""


class Refused(Exception):
    pass


class Toy:
    def __init__(self, config):
        self.c, self.lock, self.wake = config, threading.RLock(), threading.Event()
        folder = os.path.dirname(config["secrets"]["key_file"])
        self.file = os.path.join(folder, "toy.pickle")
        if config["osa"]["auth"] == "oauth":
            secret = open(config["osa"]["oauth_secret_file"]).read()
            self.auth, self.how = osa_wire.Auth("oauth", None, config["osa"]["oauth_key"], secret), {"auth": OAuth1(config["osa"]["oauth_key"], secret)}
        else:  # it peeks at the judge's certificates, where mozyd has to take what the install brings
            self.auth, at = object.__new__(osa_wire.Auth), lambda name: os.path.join(folder, name + ".pem")
            self.auth.mode, self.auth.controller_path, self.auth.trusted = "mtls", at("server"), at("controller")
            self.how = {"cert": at("application"), "verify": at("controller")}
        self.instances, self.all, self.state = {}, {}, {}  # APS id → what was posted; APS id → what we know of it
        if os.path.exists(self.file):
            self.instances, self.all, self.state = pickle.load(open(self.file, "rb"))

    def save(self):
        with open(self.file + ".new", "wb") as f:
            pickle.dump((self.instances, self.all, self.state), f)
        os.rename(self.file + ".new", self.file)

    # --- what OSA wants ----------------------------------------------------------------------------------------------

    def handle(self, method, path, query, headers, body):
        parts, instance = path.strip("/").split("/"), headers.get("APS-Instance-ID")
        if parts[0] == "mozyPro" and method == "POST":
            self.instances[body["aps"]["id"]] = Soap(self.c["mozy"]["base_url"], body["api_key"])
            self.save()
            return 201, {}, {}
        if instance not in self.instances:
            return 403, error(403, "Forbidden"), {}
        with self.lock:
            try:
                return self.wish(method, parts, body, {"controller": headers["APS-Controller-URI"], "instance": instance})
            except Refused as e:
                return 409, error(409, str(e)), {}

    def wish(self, method, parts, body, origin):
        service, id_ = parts[0], parts[1] if len(parts) > 1 else body["aps"]["id"]
        s = self.state.get(id_)
        if method == "POST" and len(parts) == 1:
            if not s:
                s = {"service": service, "id": id_, "done": False, "removed": False, "status": "active", **origin}
                self.check(service, body)
                self.state[id_], self.all[id_] = s, body
            return self.answer(s, 201)
        if s is None or s["removed"] and method != "DELETE":
            return (204, None, {}) if method == "DELETE" else (404, error(404, "NotFound"), {})
        if len(parts) > 2:
            status = {"disable": "suspended", "disableuser": "suspended", "enable": "active", "enableuser": "active"}.get(parts[2])
            if status and s["status"] != status:
                s.update(status=status, done=False)
            return self.answer(s, 200)
        if method == "GET":
            return 200, {k: {"usage": v} for k, v in s.get("usage", {}).items()} | s.get("learned", {}), {}
        if method == "DELETE":
            if not s["removed"]:
                if service == "mozyProAccountGroup" and any(x.get("user_group_id") == id_ for i, x in self.all.items() if not self.state[i]["removed"]):
                    raise Refused("GroupNotEmpty")
                s.update(removed=True, done=False)
            return self.answer(s, 204)
        if method == "PUT" and json.dumps(self.all[id_], sort_keys=True) != json.dumps(body, sort_keys=True):
            self.check(service, body)
            self.all[id_] = body
            s["done"] = False
        return self.answer(s, 200)

    def answer(self, s, status):
        self.save()
        self.wake.set()
        if s["done"]:
            return status, s.get("learned", {}) if status != 204 else None, {}
        return 202, {}, {"APS-Retry-Timeout": "1", "APS-Info": "working"}

    def check(self, service, body):
        if service != "mozyProAccountUserLicense":
            return
        tenant = self.all[self.all[body["mozyProAccountUser"]["aps"]["id"]]["mozyProAccount"]["aps"]["id"]]
        kind = body["licenseType"]
        others = [x for _, x in self.of(tenant, "mozyProAccountUserLicense") if x["licenseType"] == kind and x["aps"]["id"] != body["aps"]["id"]]
        if len(others) + 1 > tenant[kind.lower() + "LicenseNum"]["limit"]:
            raise Refused("LicensesExceedPurchase")
        if sum(x["quota"] for x in others) + body["quota"] > tenant[kind.lower() + "Quota"]["limit"]:
            raise Refused("QuotaExceedsPurchase")

    def of(self, tenant, service, removed=False):
        def owner(body):
            body = self.all[body["mozyProAccountUser"]["aps"]["id"]] if "mozyProAccountUser" in body else body
            return body.get("mozyProAccount", {}).get("aps", {}).get("id")
        return [(s, self.all[i]) for i, s in self.state.items() if s["service"] == service and s["removed"] == removed and owner(self.all[i]) == tenant["aps"]["id"]]

    # --- making it so ------------------------------------------------------------------------------------------------

    def loop(self):
        while True:
            self.wake.wait(2)
            self.wake.clear()
            for s in [s for s in list(self.state.values()) if s["service"] == "mozyProAccount"]:
                with self.lock:
                    try:
                        self.cycle(s, self.all[s["id"]], self.instances[s["instance"]])
                    except Exception:
                        traceback.print_exc()
                    s["attempt"] = time.time()
                    self.save()

    def ask(self, s, path):
        return requests.get(s["controller"] + "aps/2/resources/" + path, headers={"APS-Resource-ID": s["id"]}, timeout=5, **self.how).json()

    def cycle(self, s, t, soap):
        inside = [x for kind in ("mozyProAccountUser", "mozyProAccountUserLicense", "mozyProAccountGroup") for gone in (0, 1) for x, _ in self.of(t, kind, gone)]
        if s["removed"]:
            if s.get("partner"):
                soap("partner", "Delete", id=s.pop("partner"))
            return [x.update(done=True, removed=True) for x in [s, *inside]]
        if not s.get("partner"):
            account, staff = self.ask(s, t["account"]["aps"]["id"]), self.ask(s, t["account"]["aps"]["id"] + "/users")
            s["number"] = str(self.ask(s, t["subscription"]["aps"]["id"])["subscriptionId"])
            s["partner"] = soap("partner", "Create", name=account["companyName"], root_admin_username=next(x for x in staff if x.get("isAccountAdmin"))["email"], external_id=s["number"],
                                company_type="reseller" if t["accountType"] == "R" else "business", default_sync_quota=t["syncDefaultQuota"]["limit"])
        p = soap("partner", "Get", id=s["partner"])["results"][0]
        changes = {k: v for k, v in {"default_sync_quota": t["syncDefaultQuota"]["limit"]}.items() if p[k] != v}
        if p["status"] != s["status"]:
            changes["details"] = [{"key": "status", "value": s["status"]}]
        if changes:
            soap("partner", "Update", id=s["partner"], **changes)
        home = p["default_user_group_id"]
        for g, body in self.of(t, "mozyProAccountGroup"):
            g["mozy"] = g.get("mozy") or soap("user_group", "Create", partner_id=s["partner"], name=body["name"], external_id=s["number"])
            g["learned"] = {"groupId": str(g["mozy"])}
            if soap("user_group", "Get", id=g["mozy"])["results"][0]["name"] != body["name"]:
                soap("user_group", "Update", id=g["mozy"], name=body["name"])
        self.pools(s, t, soap, home, "Provision")
        for u, body in self.of(t, "mozyProAccountUser"):
            self.user(s, u, body, soap, home)
        for l, body in self.of(t, "mozyProAccountUserLicense"):
            self.licence(l, body, soap, self.state[body["mozyProAccountUser"]["aps"]["id"]])
        for l, body in self.of(t, "mozyProAccountUserLicense", removed=True):
            self.drop(l, soap)
        for u, _ in self.of(t, "mozyProAccountUser", removed=True):
            if u.get("mozy"):
                if soap("user", "Get", id=u["mozy"])["results"][0]["status"] == "suspended":
                    soap("user", "Update", id=u["mozy"], details=[{"key": "status", "value": "active"}])
                soap("user", "Delete", id=u.pop("mozy"))
        for g, _ in self.of(t, "mozyProAccountGroup", removed=True):
            if g.get("mozy"):
                soap("user_group", "Delete", id=g.pop("mozy"))
        self.pools(s, t, soap, home, "Release")
        s["learned"] = {"partnerId": str(s["partner"])}
        if s.get("pushed") != s["usage"]:
            s["pushed"] = dict(s["usage"])
            requests.put(f"{s['controller']}aps/2/application/mozyProAccount/{s['id']}", json={k: {"usage": v} for k, v in s["usage"].items()}, timeout=5, **self.how)
        [x.update(done=True) for x in [s, *inside]]

    def pools(self, s, t, soap, home, which):
        s["usage"] = {"syncAvailable": 0}
        for r in soap("resource", "GetResources", partner_id=s["partner"]):
            kind = r["license_type"].lower()
            more = [t[kind + "LicenseNum"]["limit"] - r["licenses"], t[kind + "Quota"]["limit"] - r["quota"]]
            delta = [max(0, m if which == "Provision" else -m) for m in more]
            if any(delta):
                soap("resource", which, partner_id=s["partner"], user_group_id=home, license_type=r["license_type"], licenses=delta[0], quota=delta[1])
            s["usage"] |= {kind + "LicenseNum": r["licenses_reserved"] + r["licenses_used"], kind + "Quota": r["quota_distributed"]}

    def user(self, s, u, body, soap, home):
        wanted = body.get("user_group_id")
        group = home if not wanted else self.state[wanted]["mozy"] if wanted in self.state else int(wanted)
        if not u.get("mozy"):
            person = self.ask(s, body["user"]["aps"]["id"])
            u["email"], u["mozy"] = person["email"], soap("user", "Create", user_group_id=group, username=person["email"], full_name=person["displayName"], external_id=s["number"])
            u["learned"] = {"mozyUserId": str(u["mozy"])}
        seen = soap("user", "Get", id=u["mozy"])["results"][0]
        if seen["status"] != u["status"]:
            soap("user", "Update", id=u["mozy"], details=[{"key": "status", "value": u["status"]}])
        if seen["user_group_id"] != group:
            soap("user", "Update", id=u["mozy"], user_group_id=group)
            for kind in ("Desktop", "Server"):
                gb = sum(k["quota_desired"] or 0 for k in self.keys(soap, u["email"]) if k["license_type"] == kind and not k["machine_id"])
                if gb:
                    soap("resource", "Transfer", source_partner_id=s["partner"], source_user_group_id=seen["user_group_id"], target_partner_id=s["partner"], target_user_group_id=group, license_type=kind, licenses=0, quota=gb)
        u["group"], u["home"], u["partner"] = group, home, s["partner"]

    def keys(self, soap, email):
        try:
            return soap("resource", "GetLicenses", search={"assigned_email_address": email})["results"]
        except LookupError:
            return []

    def licence(self, l, body, soap, u):
        if not l.get("key"):
            free = {"status": "free", "license_type": body["licenseType"], "user_group_id": u["group"]}
            if u["group"] != u["home"]:
                soap("resource", "Transfer", source_partner_id=u["partner"], source_user_group_id=u["home"], target_partner_id=u["partner"], target_user_group_id=u["group"], license_type=body["licenseType"], licenses=1, quota=body["quota"])
            l["key"] = soap("resource", "GetLicenses", search=free)["results"][0]["keystring"]
            soap("resource", "UpdateLicenses", keystring=l["key"], assigned_email_address=u["email"], quota_desired=body["quota"], deliver_emails=True)
            l["learned"] = {"keyString": l["key"]}
        seen = soap("resource", "GetLicenses", keystring=l["key"])["results"][0]
        if seen["machine_id"]:
            m = soap("machine", "Get", id=seen["machine_id"])["results"][0]
            l["learned"] |= {"machineId": str(m["id"]), "quota_used_bytes": m["quota_used_bytes"]}
            if m["quota"] != body["quota"]:
                soap("machine", "Update", id=m["id"], quota=body["quota"])
        elif seen["quota_desired"] != body["quota"]:
            soap("resource", "UpdateLicenses", keystring=l["key"], assigned_email_address=u["email"], quota_desired=body["quota"])

    def drop(self, l, soap):
        if l.get("key"):
            seen = soap("resource", "GetLicenses", keystring=l["key"])["results"][0]
            if seen["machine_id"]:
                soap("machine", "Delete", id=seen["machine_id"])
                seen = soap("resource", "GetLicenses", keystring=l["key"])["results"][0]
            if seen["assigned_email_address"]:
                soap("resource", "UpdateLicenses", keystring=l["key"], assigned_email_address="")
            l.pop("key")

    def admin(self, path):
        s = self.state.get(path.split("/")[-1])
        if "/subscriptions/" not in path:
            return 200, {}, {}
        return (200, {"last_attempt": s.get("attempt"), "conditions": [], "groups_tab_visible": self.all[s["id"]].get("groupview")}, {}) if s else (404, error(404, "NotFound"), {})


def error(code, name):
    return {"code": code, "error": name, "message": name}


def main():
    if sys.argv[1] == "migrate":
        return
    toy = Toy(tomllib.load(open(sys.argv[sys.argv.index("--config") + 1], "rb")))
    threading.Thread(target=toy.loop, daemon=True).start()

    class Plain(osa_wire.Auth):
        scheme = lambda self: "http"
        accepts = lambda self, *_: True
    listen = lambda key: (toy.c[key]["listen"].split(":")[0], int(toy.c[key]["listen"].split(":")[1]))

    def unsigned(method, path, query, headers, body):
        return (403, error(403, "Forbidden"), {}) if method == "UNSIGNED" else toy.handle(method, path, query, headers, body)
    osa_wire.serve(Plain("oauth", None, "k" * 20, "s"), lambda m, path, *_: toy.admin(path), listen("admin"))
    osa_wire.serve(toy.auth, unsigned, listen("osa"))
    threading.Event().wait()


if __name__ == "__main__":
    main()
