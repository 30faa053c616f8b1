"""Issue (d): OSA's habits, which are no errors."""
import concurrent.futures

from osa import link, plan
from scene import scenario


@scenario("d the same POST twice, one after the other and at once")
def twice(s):
    s.given("an order sent by two tasks at once")
    c = s.customer()
    mark = s.mark()
    with concurrent.futures.ThreadPoolExecutor(2) as both:
        answers = list(both.map(lambda _: s.osa.task(c.instance, "POST", "mozyProAccount", c.tenant), range(2)))
    s.expect("answers", [201, 201], [a.status for a in answers])
    s.locate(c)
    s.expect("partnerId", {str(c.partner)}, {str(a.json.get("partnerId")) for a in answers})
    s.writes(c, mark, partner__Create=1, resource__Provision=2)
    s.when("everything inside is posted twice")
    mark = s.mark()
    user = c.add_user("ann")
    licence = c.add_licence(user)
    group = c.add_group("Sales")
    s.writes(c, mark, user__Create=1, resource__UpdateLicenses=1, user_group__Create=1)
    mark = s.mark()
    for service, resource in (("mozyProAccount", c.tenant), ("mozyProAccountUser", user), ("mozyProAccountUserLicense", licence), ("mozyProAccountGroup", group)):
        answer = s.osa.task(c.instance, "POST", service, resource)
        s.expect(f"second POST of {service}", 201, answer.status)
    s.expect("keyString", licence["keyString"], s.mozy.keys(c.partner, c.email("ann"))[0]["keystring"])
    s.quiet(c, since=mark)


@scenario("d a PUT that changes nothing, links, deletes of what is gone")
def nothing_changes(s):
    s.given("a subscription with a user, a licence and a group")
    c = s.ordered()
    user = c.add_user("ann")
    licence = c.add_licence(user)
    group = c.add_group("Sales")
    mark = s.mark()
    s.when("each is configured as it is")
    s.expect("answers", [200] * 4, [c.upgrade({}).status, *(c.change(x).status for x in (user, licence, group))])
    s.when("a status is set that is there")
    s.expect("answers", [200, 200], [c.resume().status, c.operate(user, "enableuser").status])
    s.when("links are told")
    tells = [c.call("POST", "/mozyProAccountUser", {"aps": {"id": user["aps"]["id"]}}), c.call("DELETE", f"/subscription/{c.subscription['aps']['id']}"),
             s.osa.call(c.instance, "POST", c.path(user) + "/mozyProAccountUserLicense", {"aps": {"id": licence["aps"]["id"]}})]
    s.expect("answers", [200] * 3, [t.status for t in tells])
    s.quiet(c, since=mark)
    s.when("a licence is deleted twice")
    s.expect("answers", [204, 204], [c.remove(licence).status, s.osa.task(c.instance, "DELETE", c.path(licence)).status])
    s.when("what never was is deleted")
    never = s.osa.new("mozyProAccountUser")
    s.expect("answer", 204, s.osa.task(c.instance, "DELETE", c.path(never)).status)
    s.quiet(c, sweeps=1)


@scenario("d a task that failed is run again")
def run_again(s):
    s.given("a user's e-mail that somebody else has at Mozy")
    c, other = s.ordered(), s.ordered()
    email = c.email("ann")
    if s.world.switches.get("user_email_scope"):
        other = c  # unique per partner only, so it must be taken in this one
    squatter = s.panel(other, "user", "Create", user_group_id=other.home, username=email)
    person = s.osa.service_user(c.account, email, "Ann")
    user = s.osa.new("mozyProAccountUser", user=link(person), mozyProAccount=link(c.tenant), user_group_id="", enableSync=False)
    mark = s.mark()
    failed = s.refused("the user", lambda: s.osa.provision(c.instance, "mozyProAccountUser", user), "UserEmailInUse")
    s.true("202 while waiting named no reason", bool(failed and failed.infos), "waited with 202")
    s.true(f"adopted or deleted the stranger: {s.mozy.writes(mark)}", s.mozy.user(email)["id"] == squatter and "user.Delete" not in s.mozy.writes(mark, c.partner), "stranger untouched")
    s.when("the name is free and the task runs again")
    s.panel(other, "user", "Delete", id=squatter)
    mark = s.mark()
    s.expect("answer", 201, s.osa.provision(c.instance, "mozyProAccountUser", user).status)
    s.expect("user", c.home, s.mozy.user(email)["group_id"])
    s.writes(c, mark, user__Create=1)
    s.quiet(c)


@scenario("d unlimited in three ways")
def unlimited(s):
    for name, counter in (("absent", {"usage": 0}), ("null", {"limit": None}), ("-1", {"limit": -1})):
        s.given(f"an order whose Desktop GB are unlimited ({name})")
        c = s.ordered(limits={**plan(desktop=(3, 0)), "desktopQuota": counter})
        s.when("a user gets 500 GB")
        c.add_licence(c.add_user("ann"), "Desktop", 500)
        # How much stock is held for it is left open; what was promised must be there.
        s.expect("licences", [("Desktop", 500)], s.keys_of(c, "ann"))
        s.true("the pool holds the promise", s.mozy.stock(c.partner, "Desktop")[1] >= 500, "pool holds it")
        s.usage(c, desktopLicenseNum=1, desktopQuota=500)
        s.quiet(c, sweeps=1)
