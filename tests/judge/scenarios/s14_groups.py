"""Rows 14 to 17: groups made, renamed and deleted; the tab shown and hidden."""
from scene import scenario


def names(s, c):
    return [g["name"] for g in s.mozy.groups(c.partner) if g["id"] != c.home]


@scenario("14-16 groups: create, rename, delete")
def groups(s):
    s.given("a subscription")
    c = s.ordered()
    s.when("a group is created")
    mark = s.mark()
    group = c.add_group("Sales")
    s.expect("groups", ["Sales"], names(s, c))
    s.expect("groupId and external_id", (str(s.mozy.groups(c.partner)[-1]["id"]), str(c.number)), (str(group.get("groupId")), s.mozy.groups(c.partner)[-1]["external_id"]))
    s.writes(c, mark, user_group__Create=1)
    s.quiet(c, sweeps=1)
    s.when("it is renamed")
    mark = s.mark()
    c.change(group, name="Büro & <Vertrieb>")
    s.expect("groups", ["Büro & <Vertrieb>"], names(s, c))
    s.writes(c, mark, user_group__Update=1)
    s.quiet(c, sweeps=1)
    s.when("it has a user and is deleted")
    user = c.add_user("ann", group=group["aps"]["id"])
    mark = s.mark()
    s.refused("deleting a group with a user", lambda: c.remove(group), "GroupNotEmpty")
    s.expect("groups", ["Büro & <Vertrieb>"], names(s, c))
    s.writes(c, mark)
    s.when("it is empty and is deleted")
    c.remove(user)
    mark = s.mark()
    c.remove(group)
    s.expect("groups", [], names(s, c))
    s.writes(c, mark, user_group__Delete=1)
    s.expect("stock", (5, 100), s.mozy.stock(c.partner, "Desktop"))
    s.quiet(c)


@scenario("16b a group that still holds stock is deleted")
def group_with_stock(s):
    s.given("a group whose user had a licence and went")
    c = s.ordered()
    group = c.add_group("Sales")
    user = c.add_user("ann", group=group["aps"]["id"])
    c.add_licence(user, "Desktop", 10)
    c.remove(user)
    s.when("it is deleted")
    c.remove(group)
    s.expect("groups", [], names(s, c))
    s.eventually("stock", (5, 100), lambda: s.mozy.stock(c.partner, "Desktop"))
    s.quiet(c)


@scenario("16c the default group is protected")
def default_group(s):
    s.given("a resource that claims to be the default group")
    c = s.ordered()
    s.eventually("the default group in the status", [str(c.home)], lambda: [str(g.get("mozy_group_id")) for g in s.status(c).get("groups", []) if g.get("default")])
    claim = s.osa.new("mozyProAccountGroup", mozyProAccount={"aps": {"id": c.id}}, name="Default", groupId=str(c.home))
    s.when("it is deleted")
    # It has no APS id, so how it could be named is open: whatever the answers are, the group stays.
    for method, path, body in (("DELETE", c.path(claim), None), ("DELETE", f"mozyProAccountGroup/{c.home}", None)):
        answer = s.osa.call(c.instance, method, path, body)
        s.true(f"{method} {path}: seen {answer.status}", answer.status < 500, f"{answer.status}")
    s.quiet(c)
    s.expect("groups", [c.home], [g["id"] for g in s.mozy.groups(c.partner)])


@scenario("17 groupview")
def groupview(s):
    s.given("a subscription")
    c = s.ordered()
    mark = s.mark()
    for shown in (False, True):
        s.when(f"groupview is {shown}")
        s.expect("answer", 200, c.configure(groupview=shown).status)
        s.eventually("groups_tab_visible in the status", shown, lambda: s.status(c).get("groups_tab_visible"))
    s.quiet(c, since=mark)
