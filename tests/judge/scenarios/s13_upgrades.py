"""Row 13: all six counters up, down and mixed; below what is in use it waits for room."""
from osa import plan
from scene import scenario


def stock(s, c):
    return s.mozy.stock(c.partner, "Desktop") + s.mozy.stock(c.partner, "Server")


@scenario("13 upgrades up, down and mixed")
def upgrades(s):
    s.given("5 keys and 100 GB Desktop, 2 and 50 Server, no sync, 2 GB by default")
    c = s.ordered()
    s.when("everything goes up")
    mark = s.mark()
    c.upgrade(plan(desktop=(8, 150), server=(3, 60), sync=1, sync_gb=4))
    s.expect("stock", (8, 150, 3, 60), stock(s, c))
    s.expect("default of sync", 4, s.mozy.partners(c.number)[0]["default_sync_quota"])
    s.writes(c, mark, resource__Provision=2, partner__Update=1)
    s.quiet(c, sweeps=1)
    s.when("it goes mixed: Desktop +2 keys −20 GB, Server −1 key +10 GB")
    mark = s.mark()
    c.upgrade(plan(desktop=(10, 130), server=(2, 70), sync=1, sync_gb=4))
    s.expect("stock", (10, 130, 2, 70), stock(s, c))
    s.writes(c, mark, resource__Provision=2, resource__Release=2)
    s.quiet(c, sweeps=1)
    s.when("everything goes down")
    mark = s.mark()
    c.upgrade(plan(desktop=(1, 10), server=(0, 0), sync=0, sync_gb=2))
    s.expect("stock", (1, 10, 0, 0), stock(s, c))
    s.expect("default of sync", 2, s.mozy.partners(c.number)[0]["default_sync_quota"])
    s.writes(c, mark, resource__Release=2, partner__Update=1)
    s.quiet(c)


@scenario("13b down below what is in use")
def down_below_use(s):
    s.given("three licences of 20 GB in use of 5 keys and 100 GB")
    c = s.ordered(limits=plan(desktop=(5, 100)))
    user = c.add_user("ann")
    licences = [c.add_licence(user, "Desktop", 20) for _ in range(3)]
    s.when("limits go down to 2 keys and 45 GB")
    c.upgrade(plan(desktop=(2, 45)))
    s.stands(c, "LicensesExceedPurchase")
    s.stands(c, "QuotaExceedsPurchase", 5)
    s.expect("licences", [("Desktop", 20)] * 3, s.keys_of(c, "ann"))
    s.true("what has room is released, no more", s.mozy.stock(c.partner, "Desktop") in [(k, gb) for k in (3, 4, 5) for gb in range(60, 101)], "nothing in use was taken")
    s.quiet(c)
    s.usage(c, desktopLicenseNum=3, desktopQuota=60)
    s.when("a licence is removed")
    c.remove(licences[0])
    s.eventually("stock", (2, 45), lambda: s.mozy.stock(c.partner, "Desktop"))
    s.gone(c, "LicensesExceedPurchase")
    s.gone(c, "QuotaExceedsPurchase")
    s.quiet(c)


@scenario("13c sync is given back while users have it")
def sync_given_back(s):
    s.given("a user with sync")
    c = s.ordered(limits=plan(sync=1))
    c.sync(True)
    c.add_user("ann", sync=True)
    s.eventually("user's sync", 1, lambda: s.mozy.user(c.email("ann"))["enable_sync"])
    s.when("sync is no longer bought")
    c.upgrade(plan(sync=0))
    # Either it goes off by itself, or it stands in a condition until somebody turns it off.
    on = lambda: (s.mozy.partners(c.number)[0]["enable_sync"], s.mozy.user(c.email("ann"))["enable_sync"])
    if "SyncNotAvailable" not in s.reasons(c):
        s.eventually("sync of partner and user", (0, 0), on)
    s.quiet(c)
