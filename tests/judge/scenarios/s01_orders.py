"""Issue (a) and rows 1 and 2: an order becomes an account at Mozy, also where the admin's e-mail is taken."""
from osa import plan
from scene import scenario


@scenario("a order, user, licence, retrieve, ten quiet sweeps")
def everything_once(s):
    s.given("an order with pools")
    mark = s.mark()
    c = s.ordered(limits=plan(desktop=(5, 100), server=(2, 50)))
    s.when("a user gets a licence")
    user = c.add_user("ann")
    c.add_licence(user, "Desktop", 10)
    s.expect("stock", [(5, 100), (2, 50)], [s.mozy.stock(c.partner, "Desktop"), s.mozy.stock(c.partner, "Server")])
    s.expect("licences of the user", [("Desktop", 10)], s.keys_of(c, "ann"))
    s.expect("the user's group is the default one", c.home, s.mozy.user(c.email("ann"))["group_id"])
    s.writes(c, mark, partner__Create=1, resource__Provision=2, user__Create=1, resource__UpdateLicenses=1)
    s.when("OSA retrieves")
    s.usage(c, desktopLicenseNum=1, desktopQuota=10, serverLicenseNum=0, serverQuota=0)
    s.eventually("OSA's screen (pushed)", 10, lambda: c.screen().get("desktopQuota"))
    s.when("ten more sweeps pass")
    s.quiet(c, sweeps=10)


@scenario("1 account creation")
def account_creation(s):
    s.given("an order of pools, sync available, 7 GB by default")
    mark = s.mark()
    c = s.customer(limits=plan(desktop=(10, 100), server=(3, 60), sync=1, sync_gb=7))
    answer = c.order()
    s.true("the order was never answered 202 while being configured", len(answer.infos) >= 1, f"{len(answer.infos)} × 202")
    s.locate(c)
    partner = s.mozy.partners(c.number)[0]
    s.expect("partner", (c.account["companyName"], c.account["techContact"]["email"], "business", "active", 7),
             tuple(partner[k] for k in ("name", "admin", "company_type", "status", "default_sync_quota")))
    s.expect("partner's parent", s.world.keys["direct"][1], partner["parent_id"])
    s.expect("partnerId given back", str(c.partner), str(c.tenant.get("partnerId")))
    s.expect("stock", [(10, 100), (3, 60)], [s.mozy.stock(c.partner, "Desktop"), s.mozy.stock(c.partner, "Server")])
    # Whether sync is turned on by the order or by the customer's first click is left open, so one Update for it is fine.
    s.writes(c, mark, partner__Create=1, resource__Provision=2, partner__Update=(0, 1))
    s.usage(c, desktopLicenseNum=0, desktopQuota=0, serverLicenseNum=0, serverQuota=0)
    s.quiet(c)


def taken(s, c, visible):
    """The order ends at once without a partner; another staff member makes it one."""
    answer = c.order()
    s.expect("status of the order", 201, answer.status)
    s.true(f"partnerId was given: {c.tenant.get('partnerId')}", not c.tenant.get("partnerId"), "no partnerId")
    s.expect("partners at Mozy", [], s.mozy.partners(c.number))
    s.stands(c, "AdminEmailInUse")
    s.when("another staff member is tried")
    other = s.osa.add_staff(c.account, f"second.{c.number}@customer.invalid")
    first = s.osa.staff_of[c.account["aps"]["id"]][0]
    if visible:  # what only Create can see, the check cannot
        s.expect("checkAvailabilityEmail of the taken one", {"available": False}, c.call("POST", f"/checkAvailabilityEmail?staffGUID={first['aps']['id']}").json)
    s.expect("checkAvailabilityEmail of the new one", {"available": True}, c.call("POST", f"/checkAvailabilityEmail?staffGUID={other['aps']['id']}").json)
    mark = s.mark()
    c.task("POST", f"/createPartner?staffGUID={other['aps']['id']}")
    s.eventually("partners at Mozy", 1, lambda: len(s.mozy.partners(c.number)))
    s.locate(c)
    s.expect("admin", other["email"], s.mozy.partners(c.number)[0]["admin"])
    s.eventually("stock", [(5, 100), (2, 50)], lambda: [s.mozy.stock(c.partner, "Desktop"), s.mozy.stock(c.partner, "Server")])
    s.gone(c, "AdminEmailInUse")
    s.writes(c, mark, partner__Create=1, resource__Provision=2)
    s.quiet(c)


@scenario("2 admin e-mail in use, visible in our tree")
def taken_in_our_tree(s):
    s.given("a customer who buys a second time with the same admin")
    first = s.ordered()
    taken(s, s.customer(account=first.account), visible=True)


@scenario("2 admin e-mail in use, only Create faults")
def taken_elsewhere(s):
    s.given("an admin of that name outside our tree")
    c = s.customer()
    s.mozy.hook("foreign_admin", username=c.account["techContact"]["email"])
    taken(s, c, visible=False)
