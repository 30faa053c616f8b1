"""Rows 7, 8 and 18: users suspended, renamed, moved and removed."""
from osa import plan
from scene import scenario


@scenario("7 suspend and activate a user")
def suspend_user(s):
    s.given("a user with a licence")
    c = s.ordered()
    user = c.add_user("ann")
    c.add_licence(user)
    for operation, status in (("disableuser", "suspended"), ("enableuser", "active")):
        s.when(operation)
        mark = s.mark()
        c.operate(user, operation)
        s.expect("status", status, s.mozy.user(c.email("ann"))["status"])
        s.writes(c, mark, user__Update=1)
        s.quiet(c, sweeps=1)
    s.expect("licences", [("Desktop", 10)], s.keys_of(c, "ann"))


@scenario("8 removing a user, also a suspended one")
def remove_user(s):
    s.given("a user with a reserved key and a suspended one with a used key")
    c = s.ordered()
    ann, bob = c.add_user("ann"), c.add_user("bob")
    c.add_licence(ann)
    of_bob = c.add_licence(bob, "Desktop", 20)
    s.activate(of_bob["keyString"])
    c.operate(bob, "disableuser")
    s.when("the first is removed")
    mark = s.mark()
    c.remove(ann)
    s.expect("user", None, s.mozy.user(c.email("ann")))
    # user.Delete frees his keys, but that is our reading, so freeing them by hand is fine too
    s.writes(c, mark, user__Delete=1, resource__UpdateLicenses=(0, 1))
    s.when("the suspended one is removed")
    mark = s.mark()
    c.remove(bob)
    s.expect("user", None, s.mozy.user(c.email("bob")))
    s.writes(c, mark, user__Update=(0 if s.world.switches.get("suspended_user_delete") else 1, 1), user__Delete=1, machine__Delete=(0, 1), resource__UpdateLicenses=(0, 1))
    s.eventually("keys with an e-mail", [], lambda: [k for k in s.mozy.keys(c.partner) if k["email"]])
    s.expect("stock", (5, 100), s.mozy.stock(c.partner, "Desktop"))
    s.usage(c, desktopLicenseNum=0, desktopQuota=0)
    s.quiet(c)
    s.when("OSA removes the licences of the removed user afterwards")
    s.expect("answer", 204, c.remove(of_bob).status)


@scenario("7b the service user gets another name (onUsrChange)")
def renamed_user(s):
    s.given("a user with a licence")
    c = s.ordered()
    user = c.add_user("ann")
    c.add_licence(user)
    s.when("his display name changes in OSA")
    mark = s.mark()
    person = s.osa.resources[user["user"]["aps"]["id"]]
    person["displayName"] = person["fullName"] = "Ann Smith"
    c.operate(user, "onUsrChange")
    s.eventually("full name", "Ann Smith", lambda: s.mozy.user(c.email("ann"))["full_name"])
    s.writes(c, mark, user__Update=1)
    s.quiet(c, sweeps=1)


@scenario("18 a user's group changes, with the GB of licences not activated")
def move_user(s):
    s.given("a user with a reserved key of 10 GB and a used one of 20 GB, and a second group")
    c = s.ordered(limits=plan(desktop=(5, 100)))
    user = c.add_user("ann")
    c.add_licence(user, "Desktop", 10)
    used = c.add_licence(user, "Desktop", 20)
    s.activate(used["keyString"])
    group = c.add_group("Sales")
    s.when("he moves there")
    mark = s.mark()
    c.change(user, user_group_id=group["aps"]["id"])
    there = int(group["groupId"])
    s.expect("group of the user", there, s.mozy.user(c.email("ann"))["group_id"])
    s.expect("stock there and in all", [(2, 30), (5, 100)], [s.mozy.stock(c.partner, "Desktop", there), s.mozy.stock(c.partner, "Desktop")])
    s.writes(c, mark, user__Update=1, resource__Transfer=1)
    s.usage(c, desktopLicenseNum=2, desktopQuota=30)
    s.quiet(c)
    s.when("he moves back, named by Mozy's id of the default group")
    mark = s.mark()
    c.change(user, user_group_id=str(c.home))
    s.expect("group of the user", c.home, s.mozy.user(c.email("ann"))["group_id"])
    s.writes(c, mark, user__Update=1, resource__Transfer=1)
    s.quiet(c)


@scenario("18b a licence in a group that has no stock")
def licence_in_a_group(s):
    s.given("a user in a group without stock")
    c = s.ordered()
    group = c.add_group("Sales")
    user = c.add_user("ann", group=group["aps"]["id"])
    s.expect("group of the user", int(group["groupId"]), s.mozy.user(c.email("ann"))["group_id"])
    s.when("he gets a licence")
    mark = s.mark()
    c.add_licence(user, "Desktop", 15)
    s.expect("licences", [("Desktop", 15)], s.keys_of(c, "ann"))
    s.expect("stock in all", (5, 100), s.mozy.stock(c.partner, "Desktop"))
    s.writes(c, mark, resource__Transfer=1, resource__UpdateLicenses=1)
    s.quiet(c)
