"""An APS controller: holds accounts, subscriptions and resources, follows the 202 protocol, answers look-ups and takes pushes."""
import itertools
import re
import threading
import time
import urllib.parse
import uuid

import requests

import osa_wire

PREFIX = "http://www.mozy.com/mozyProAPS2/"
TYPES = {"mozyPro": "mozyPro/1.1", "mozyProAccount": "mozyProAccount/1.5", "mozyProAccountUser": "mozyProAccountUser/1.1",
         "mozyProAccountUserLicense": "mozyProAccountUserLicense/1.0", "mozyProAccountGroup": "mozyProAccountGroup/1.0"}
STAFF = "http://aps-standard.org/types/core/admin-user/1.0"
SERVICE_USER = "http://aps-standard.org/types/core/service-user/1.0"
COUNTERS = ["desktopLicenseNum", "desktopQuota", "serverLicenseNum", "serverQuota", "syncAvailable", "syncDefaultQuota"]


class TaskFailed(Exception):
    def __init__(self, status, body, infos):
        super().__init__(f"{status} {body} (202 said: {sorted(set(infos))})")
        self.status, self.body, self.infos = status, body if isinstance(body, dict) else {}, infos

    def names(self, reason):
        """The fixed reason stands in `error` (contract: a wish that cannot be fulfilled)."""
        return self.body.get("error") == reason


class Answer:
    def __init__(self, response, infos=()):
        self.status, self.headers, self.text, self.infos = response.status_code, response.headers, response.text, list(infos)
        try:
            self.json = response.json() if response.content else None
        except ValueError:
            self.json = None


class Osa:
    def __init__(self, auth, endpoint):
        self.auth, self.endpoint = auth, endpoint.rstrip("/")
        self.resources, self.pushes, self.complaints = {}, [], []
        self.lock, self.numbers = threading.RLock(), itertools.count(1000017)
        self.transactions, self.staff_of = set(), {}
        self.patient = False  # while the daemon is being killed: a refused connection is tried again, as OSA does
        self.deaf = False     # answers 503 to whatever we are asked
        self.server, self.url = osa_wire.serve(auth, self.answer)
        self.provider = self.account("ADMIN", None, "Provider")

    def stop(self):
        self.server.shutdown()

    # --- what OSA holds ----------------------------------------------------------------------------------------------

    def put(self, type_, **properties):
        resource = {"aps": {"id": str(uuid.uuid4()), "type": type_, "status": "aps:ready", "revision": 1, "modified": "2026-11-22T00:00:00Z"}, **properties}
        with self.lock:
            self.resources[resource["aps"]["id"]] = resource
        return resource

    def account(self, type_="CLIENT", parent=None, company=None, email=None):
        number = next(self.numbers)
        email = email or f"boss{number}@customer.invalid"
        extra = {"parent": link(parent)} if parent else {}
        account = self.put("http://aps-standard.org/types/core/account/1.0", id=number, type=type_, companyName=company or f"Company {number}",
                           techContact={"email": email, "givenName": "Boss", "familyName": str(number)}, **extra)
        self.staff_of[account["aps"]["id"]] = []
        self.add_staff(account, email)
        return account

    def add_staff(self, account, email, admin=True):
        staff = self.put(STAFF, id=next(self.numbers), login=email, email=email, fullName="Boss " + email.split("@")[0], isAccountAdmin=admin)
        self.staff_of[account["aps"]["id"]].append(staff)
        return staff

    def service_user(self, account, email, name):
        user = self.put(SERVICE_USER, id=next(self.numbers), login=email, email=email, displayName=name, fullName=name)
        self.staff_of[account["aps"]["id"]].append(user)
        return user

    def new(self, service, **properties):
        resource = self.put(PREFIX + TYPES[service], **properties)
        resource["aps"]["status"] = "aps:provisioning"
        return resource

    # --- what we are asked -------------------------------------------------------------------------------------------

    def answer(self, method, path, query, headers, body):
        if method == "UNSIGNED":
            self.complain(f"an unsigned or wrongly signed request to {path}")
            return 403, {"error": "Forbidden"}, {}
        if self.deaf:
            return 503, {"error": "Unavailable", "message": "deaf"}, {}
        transaction = headers.get("APS-Transaction-ID")
        if transaction and transaction not in self.transactions:
            return 400, {"error": "APS::Exception", "message": f"Transaction not found: {transaction}"}, {}
        parts = [urllib.parse.unquote(p) for p in path.strip("/").split("/")]
        if method == "PUT" and parts[:3] == ["aps", "2", "application"] and len(parts) == 5:
            return self.take_push(parts[3], parts[4], body)
        if method == "GET" and parts[:3] == ["aps", "2", "resources"]:
            return self.look_up(parts[3:], urllib.parse.unquote(query), headers)
        self.complain(f"{method} {path}")
        return 404, {"error": "NotFound", "message": path}, {}

    def take_push(self, service, id_, body):
        with self.lock:
            self.pushes.append((time.monotonic(), service, id_, body))
            resource = self.resources.get(id_)
            if resource is None:
                return 404, {"error": "NotFound", "message": id_}, {}
            merge(resource, body)
        return 200, resource, {}

    def look_up(self, parts, query, headers):
        if not parts:
            return self.page(list(self.resources.values()), query)
        resource = self.resources.get(parts[0])
        if resource is None:
            return 404, {"error": "APS::Hosting::NotFound", "message": "Resource not found"}, {}
        actor = self.resources.get(headers.get("APS-Resource-ID") or "")
        if actor is None and "/core/service-user/" not in resource["aps"]["type"]:
            self.complain(f"look-up of {resource['aps']['type']} without APS-Resource-ID")
        if parts[1:] == ["users"]:
            return self.page(self.staff_of.get(parts[0], []), query)
        return 200, resource, {}

    @staticmethod
    def page(items, query):
        wanted = re.search(r"implementing\(([^)]*)\)", query)
        if wanted:
            items = [i for i in items if i["aps"]["type"] in wanted.group(1).split(",")]
        limit = re.search(r"limit\((\d+),(\d+)\)", query)
        start, count = (int(limit.group(1)), int(limit.group(2))) if limit else (0, 100)
        some = items[start:start + count]
        return 200, some, {"Content-Range": f"items {start}-{start + len(some) - 1}/{len(items)}"}

    def complain(self, what):
        with self.lock:
            self.complaints.append(what)

    # --- what we ask -------------------------------------------------------------------------------------------------

    def headers(self, instance, transaction=None, phase="sync"):
        return {"APS-Controller-URI": self.url, "APS-Instance-ID": instance, "APS-Transaction-ID": transaction or str(uuid.uuid4()),
                "APS-Request-Phase": phase, "APS-Identity-ID": str(uuid.uuid4()), "APS-Actor-ID": str(uuid.uuid4())}

    def call(self, instance, method, path, body=None, transaction=None, phase="sync", **kw):
        """One request and its answer, whatever it is."""
        while True:
            try:
                return Answer(osa_wire.send(self.auth, method, f"{self.endpoint}/{path}", self.headers(instance, transaction, phase), body, **kw))
            except requests.ConnectionError:
                if not self.patient:
                    raise
                time.sleep(0.3)

    def task(self, instance, method, path, body=None, patience=90, seen=None):
        """One OSA task: the same request again and again while the answer is 202; raises TaskFailed on 4xx and 5xx."""
        transaction, infos, phase, wait = str(uuid.uuid4()), seen if seen is not None else [], "sync", 1.0
        self.transactions.add(transaction)
        end = time.monotonic() + patience
        try:
            while True:
                answer = self.call(instance, method, path, body, transaction, phase)
                if answer.status != 202:
                    break
                if not answer.headers.get("APS-Retry-Timeout") or not answer.headers.get("APS-Info"):
                    self.complain(f"202 to {method} {path.split('/')[0]} without APS-Retry-Timeout or APS-Info")
                infos.append(answer.headers.get("APS-Info", ""))
                if time.monotonic() > end:
                    raise AssertionError(f"{method} {path} still 202 after {patience} s: {sorted(set(infos))}")
                time.sleep(wait)
                phase, wait = "async", min(2.0, float(answer.headers.get("APS-Retry-Timeout") or 1))
        finally:
            self.transactions.discard(transaction)
        if answer.status >= 300:
            raise TaskFailed(answer.status, answer.json or answer.text, infos)
        answer.infos = infos
        return answer

    def provision(self, instance, service, resource, **kw):
        answer = self.task(instance, "POST", service, resource, **kw)
        if answer.status != 201:
            self.complain(f"POST /{service} ended with {answer.status}, not 201")
        merge(resource, answer.json or {})
        resource["aps"]["status"] = "aps:ready"
        return answer

    def install(self, api_key, root_partner, reseller=False):
        app = self.new("mozyPro", orderType=reseller, ws_prefix="", ws_sufix="", api_key=api_key, root_partner_id=root_partner, root_role_id=1)
        body = {**app, "aps": {**app["aps"], **self.auth.x509()}}
        self.provision(app["aps"]["id"], "mozyPro", body)
        return app["aps"]["id"]


def link(resource):
    return {"aps": {"id": resource["aps"]["id"]}}


def merge(resource, more):
    for key, value in (more or {}).items():
        if key != "aps":
            if isinstance(value, dict) and isinstance(resource.get(key), dict):
                resource[key] = {**resource[key], **value}
            else:
                resource[key] = value


def plan(desktop=(5, 100), server=(2, 50), sync=0, sync_gb=2):
    """The counters of an order, each with its limit; None leaves a counter out (unlimited)."""
    numbers = dict(zip(COUNTERS, [*desktop, *server, sync, sync_gb]))
    return {name: {"limit": n} for name, n in numbers.items() if n is not None}
