"""Row 22 and what follows from it: subscriptions suspended, resumed and terminated; and what is changed at Mozy by hand goes back."""
from osa import plan
from scene import scenario


@scenario("22 suspend, resume and terminate a direct subscription")
def direct(s):
    s.given("a subscription with two users, one of them suspended")
    c = s.ordered()
    ann, bob = c.add_user("ann"), c.add_user("bob")
    licence = c.add_licence(ann)
    s.activate(licence["keyString"])
    c.operate(bob, "disableuser")
    for act, status in ((c.suspend, "suspended"), (c.resume, "active")):
        s.when(f"it becomes {status}")
        mark = s.mark()
        act()
        s.expect("status of the partner", status, s.mozy.partners(c.number)[0]["status"])
        s.writes(c, mark, partner__Update=1)
        s.quiet(c, sweeps=1)
    s.expect("the user suspended before", "suspended", s.mozy.user(c.email("bob"))["status"])
    s.when("it is terminated")
    mark = s.mark()
    answer = c.terminate()
    s.expect("answer", 204, answer.status)
    s.expect("partners", [], s.mozy.partners(c.number))
    s.writes(c, mark, partner__Delete=1)
    s.when("OSA removes what was inside, and the tenant once more")
    mark = s.mark()
    s.expect("answers", [204] * 4, [c.remove(x).status for x in (licence, ann, bob)] + [c.terminate().status])
    s.writes(c, mark)
    s.when("somebody orders with the same admin again")
    again = s.customer(account=c.account)
    again.order()
    if not s.world.switches.get("deleted_email_reusable"):
        s.expect("partners", 1, len(s.mozy.partners(again.number)))


@scenario("22b suspend, resume and terminate a reseller's customer")
def of_a_reseller(s):
    s.given("a reseller's customer with a user, a suspended user and a group")
    r = s.reseller()
    before = [s.mozy.stock(r.partner, k) for k in ("Desktop", "Server")]
    c = s.ordered_customer_of(r, limits=plan(desktop=(3, 30), server=(1, 10)))
    ann, bob = c.add_user("ann"), c.add_user("bob")
    c.add_licence(ann, "Desktop", 10)
    c.operate(bob, "disableuser")
    for act, status in ((c.suspend, "suspended"), (c.resume, "active")):
        s.when(f"it becomes {status}")
        mark = s.mark()
        act()
        s.expect("status of his group", [status], [g["status"] for g in s.mozy.groups(r.partner) if g["id"] == c.home])
        s.writes(r, mark, user_group__Update=1)
        s.quiet(c, sweeps=1)
    s.when("it is terminated")
    mark = s.mark()
    c.terminate()
    s.expect("users and groups", ([], [r.home]), (s.mozy.users(r.partner), [g["id"] for g in s.mozy.groups(r.partner)]))
    s.expect("stock left with the reseller is his own", before, [s.mozy.stock(r.partner, k) for k in ("Desktop", "Server")])
    s.writes(r, mark, user__Update=(0, 1), user__Delete=2, resource__UpdateLicenses=(0, 1), resource__Release=2, user_group__Delete=1)
    s.quiet(r)


@scenario("22c changes made in Mozy's control panel")
def by_hand(s):
    s.given("a subscription with a user, a licence and a group")
    c = s.ordered()
    c.add_licence(c.add_user("ann"), "Desktop", 10)
    group = c.add_group("Sales")
    user, key = s.mozy.user(c.email("ann")), s.mozy.keys(c.partner, c.email("ann"))[0]["keystring"]
    s.when("managed fields are changed by hand")
    mark = s.mark()
    s.panel(c, "user", "Update", id=user["id"], details={"status": "suspended"})
    s.panel(c, "user_group", "Update", id=int(group["groupId"]), name="Changed")
    s.panel(c, "resource", "UpdateLicenses", keystring=key, quota_desired=11)
    s.eventually("user, group and licence", ("active", "Sales", [("Desktop", 10)]),
                 lambda: (s.mozy.user(c.email("ann"))["status"], s.mozy.groups(c.partner)[-1]["name"], s.keys_of(c, "ann")))
    s.writes(c, mark, user__Update=1, user_group__Update=1, resource__UpdateLicenses=1)
    s.when("somebody makes a user and a group of his own")
    mark = s.mark()
    s.panel(c, "user", "Create", user_group_id=c.home, username=c.email("stranger"))
    s.panel(c, "user_group", "Create", partner_id=c.partner, name="By hand")
    s.quiet(c, since=mark)
    s.true("they are still there", s.mozy.user(c.email("stranger")) and any(g["name"] == "By hand" for g in s.mozy.groups(c.partner)), "unmanaged untouched")
