"""Rows 9 and 10: sync for the subscription, then for a user; its GB come out of Desktop."""
from osa import plan
from scene import scenario


def sync_of(s, c, name):
    """The GB of a user's Sync machine, None when his sync is off."""
    user = s.mozy.user(c.email(name))
    machines = [m["quota"] for m in s.mozy.machines(user["id"]) if m["keystring"] is None]
    return machines[0] if user["enable_sync"] and machines else None


@scenario("9 sync for the subscription")
def sync_for_all(s):
    s.given("a subscription with sync available and two users")
    c = s.ordered(limits=plan(sync=1, sync_gb=3))
    ann, _ = c.add_user("ann"), c.add_user("bob")
    s.when("sync is turned on")
    mark = s.mark()
    c.sync(True)
    s.expect("the partner's sync", 1, s.mozy.partners(c.number)[0]["enable_sync"])
    s.expect("users synced", [None, None], [sync_of(s, c, n) for n in ("ann", "bob")])
    # the order may have turned it on already, and a group may inherit or be told
    s.writes(c, mark, partner__Update=(0, 1), user_group__Update=(0, 1))
    s.usage(c, syncAvailable=1)
    s.quiet(c, sweeps=1)
    c.change(ann, enableSync=True)
    s.expect("GB of the user's sync", 3, sync_of(s, c, "ann"))
    s.when("sync is turned off")
    mark = s.mark()
    c.sync(False)
    s.expect("the partner's sync", 0, s.mozy.partners(c.number)[0]["enable_sync"])
    s.expect("GB of the user's sync", None, sync_of(s, c, "ann"))
    s.writes(c, mark, partner__Update=1, user_group__Update=(0, 1), user__Update=1)
    order = [w for w in s.mozy.writes(mark, c.partner)]
    s.true(f"users before groups before the partner: seen {order}", order == sorted(order, key=["user.Update", "user_group.Update", "partner.Update"].index), "in order")
    s.usage(c, syncAvailable=0)
    s.quiet(c, sweeps=1)
    s.when("sync is turned on again")
    c.sync(True)
    s.quiet(c, sweeps=1)
    s.expect("GB of the user's sync (his wish went along)", None, sync_of(s, c, "ann"))


@scenario("9b sync that was not bought")
def sync_not_bought(s):
    s.given("a subscription without sync")
    c = s.ordered(limits=plan(sync=0))
    user = c.add_user("ann")
    mark = s.mark()
    s.when("somebody turns it on")
    s.refused("sync for the subscription", lambda: c.sync(True), "SyncNotAvailable")
    s.refused("sync for a user", lambda: c.change(user, enableSync=True), "SyncNotAvailable")
    s.quiet(c, since=mark)


@scenario("10 sync for a user, whose GB fit in Desktop")
def sync_for_one(s):
    s.given("sync on, 2 GB by default, 20 GB Desktop of which 10 are promised")
    c = s.ordered(limits=plan(desktop=(5, 20), sync=1, sync_gb=2))
    c.sync(True)
    user = c.add_user("ann")
    c.add_licence(user, "Desktop", 10)
    s.when("the user's sync is turned on")
    mark = s.mark()
    c.change(user, enableSync=True)
    s.expect("GB of sync", 2, sync_of(s, c, "ann"))
    s.writes(c, mark, user__Update=1)
    s.usage(c, desktopQuota=12)
    s.quiet(c, sweeps=1)
    s.when("he gets 5 GB")
    mark = s.mark()
    c.change(user, syncQuota=5)
    s.expect("GB of sync", 5, sync_of(s, c, "ann"))
    s.writes(c, mark, machine__Update=1)
    s.usage(c, desktopQuota=15)
    s.quiet(c, sweeps=1)
    s.when("he should get 11 GB, where 10 are free")
    s.refused("11 GB of sync", lambda: c.change(user, syncQuota=11), "QuotaExceedsPurchase")
    s.expect("GB of sync", 5, sync_of(s, c, "ann"))
    s.when("his sync is turned off")
    mark = s.mark()
    c.change(user, enableSync=False)
    s.expect("GB of sync", None, sync_of(s, c, "ann"))
    s.writes(c, mark, user__Update=1)
    s.usage(c, desktopQuota=10)
    s.quiet(c, sweeps=1)
