"""A subscription as OSA's screens drive it: order, users, licences, groups, upgrades, suspends, removal, retrieve."""
from osa import Osa, link, merge, plan


class Customer:
    def __init__(self, osa: Osa, instance, account=None, kind="C", limits=None, tenant=None):
        self.osa, self.instance, self.kind = osa, instance, kind
        self.account = account or osa.account(parent=osa.provider)
        self.number = next(osa.numbers)
        self.subscription = osa.put("http://aps-standard.org/types/core/subscription/1.0", subscriptionId=self.number, disabled=False)
        self.tenant = osa.new("mozyProAccount", accountType=kind, account=link(self.account), subscription=link(self.subscription),
                              mozyPro={"aps": {"id": instance}}, **(limits or plan()))
        self.users, self.licences, self.groups, self.billing = [], [], [], []

    @property
    def id(self):
        return self.tenant["aps"]["id"]

    def email(self, name):
        return f"{name}.{self.number}@customer.invalid"

    def order(self, **kw):
        return self.osa.provision(self.instance, "mozyProAccount", self.tenant, **kw)

    def call(self, method, path="", body=None, **kw):
        return self.osa.call(self.instance, method, f"mozyProAccount/{self.id}" + path, body, **kw)

    def task(self, method, path="", body=None, **kw):
        answer = self.osa.task(self.instance, method, f"mozyProAccount/{self.id}" + path, body, **kw)
        merge(self.tenant, answer.json if isinstance(answer.json, dict) else {})
        return answer

    # --- the tenant ---------------------------------------------------------------------------------------------------

    def upgrade(self, limits, **kw):
        """Buys or gives back; limits are absolute. The wish is kept in OSA only where it was accepted."""
        body = {**self.tenant}
        for name, counter in limits.items():
            body[name] = {**({k: v for k, v in self.tenant.get(name, {}).items() if k == "usage"}), **counter}
        answer = self.osa.task(self.instance, "PUT", f"mozyProAccount/{self.id}", body, **kw)
        merge(self.tenant, limits)
        return answer

    def configure(self, **kw):
        return self.task("PUT", "", {**self.tenant, **kw})

    def suspend(self):
        return self.task("PUT", "/disable", self.tenant)

    def resume(self):
        return self.task("PUT", "/enable", self.tenant)

    def terminate(self, **kw):
        return self.task("DELETE", **kw)

    def sync(self, on):
        return self.task("POST", f"/setEnableDisableSync?enableSync={'true' if on else 'false'}")

    def retrieve(self):
        """The usage task: only what this answers reaches the bill."""
        answer = self.call("GET")
        assert answer.status == 200, f"retrieve answered {answer.status} {answer.text}"
        usage = {k: v["usage"] for k, v in answer.json.items() if isinstance(v, dict) and "usage" in v}
        self.billing.append(usage)
        return usage

    def screen(self):
        """What OSA's screens show: its own copy, which pushes have changed."""
        return {k: v["usage"] for k, v in self.tenant.items() if isinstance(v, dict) and "usage" in v}

    # --- what is inside ----------------------------------------------------------------------------------------------

    def add_user(self, name, group="", sync=False, **kw):
        person = self.osa.service_user(self.account, self.email(name), name.title())
        user = self.osa.new("mozyProAccountUser", user=link(person), mozyProAccount=link(self.tenant), user_group_id=group, enableSync=sync)
        self.osa.provision(self.instance, "mozyProAccountUser", user, **kw)
        self.users.append(user)
        return user

    def add_licence(self, user, kind="Desktop", quota=10, **kw):
        licence = self.osa.new("mozyProAccountUserLicense", mozyProAccountUser=link(user), licenseType=kind, quota=quota)
        self.osa.provision(self.instance, "mozyProAccountUserLicense", licence, **kw)
        self.licences.append(licence)
        return licence

    def add_group(self, name, **kw):
        group = self.osa.new("mozyProAccountGroup", mozyProAccount=link(self.tenant), name=name)
        self.osa.provision(self.instance, "mozyProAccountGroup", group, **kw)
        self.groups.append(group)
        return group

    def path(self, resource):
        return resource["aps"]["type"].split("/")[-2] + "/" + resource["aps"]["id"]

    def change(self, resource, **properties):
        answer = self.osa.task(self.instance, "PUT", self.path(resource), {**resource, **properties})
        merge(resource, properties)
        merge(resource, answer.json if isinstance(answer.json, dict) else {})
        return answer

    def remove(self, resource, **kw):
        answer = self.osa.task(self.instance, "DELETE", self.path(resource), **kw)
        for kept in (self.users, self.licences, self.groups):
            if resource in kept:
                kept.remove(resource)
        return answer

    def operate(self, resource, operation, method="POST", body=None):
        return self.osa.task(self.instance, method, self.path(resource) + "/" + operation, body)
