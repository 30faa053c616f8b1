"""Rows 19 to 21: resellers, their customers as groups in their partner, their view, their suspension and end."""
import threading

from osa import plan
from scene import scenario


@scenario("19 a reseller and his customer")
def reseller_and_customer(s):
    s.given("a reseller's subscription")
    mark = s.mark()
    r = s.reseller(limits=plan(desktop=(20, 400), server=(10, 200)))
    s.expect("type of partner", "reseller", s.mozy.partners(r.number)[0]["company_type"])
    s.writes(r, mark, partner__Create=1, resource__Provision=2)
    s.when("his customer orders")
    mark = s.mark()
    c = s.ordered_customer_of(r, limits=plan(desktop=(3, 30), server=(1, 10)))
    s.expect("stock of the customer's group", [(3, 30), (1, 10)], [s.mozy.stock(c.partner, k, c.home) for k in ("Desktop", "Server")])
    s.expect("user_group_id given back", str(c.home), str(c.tenant.get("user_group_id")))
    s.writes(r, mark, user_group__Create=1, resource__Provision=2)
    s.when("the customer has a user with a licence")
    mark = s.mark()
    c.add_licence(c.add_user("ann"), "Desktop", 10)
    s.expect("group of the user", c.home, s.mozy.user(c.email("ann"))["group_id"])
    s.expect("licences", [("Desktop", 10)], s.keys_of(c, "ann"))
    s.writes(r, mark, user__Create=1, resource__UpdateLicenses=1)
    s.usage(c, desktopLicenseNum=1, desktopQuota=10)
    s.quiet(c)
    s.quiet(r)


@scenario("19b a customer orders before his reseller")
def ordered_first(s):
    s.given("a reseller who has not ordered")
    account = s.osa.account("RESELLER", parent=s.osa.provider)
    r = s.customer("reseller", account=account, kind="R")
    c = s.customer_of(r)
    said, failed = [], []

    def wait():
        try:
            c.order(seen=said)
        except Exception as e:
            failed.append(e)
    waiting = threading.Thread(target=wait)
    s.when("his customer orders")
    waiting.start()
    s.stands(c, "ResellerNotProvisioned")
    s.when("then the reseller does")
    r.order()
    waiting.join(60)
    s.expect("the customer's order failed", [], [str(f) for f in failed])
    s.true(f"APS-Info names the reason: seen {sorted(set(said))}", any("reseller" in text.lower() for text in said), "APS-Info says why")
    s.locate(r)
    s.eventually("group of the customer", 1, lambda: len([g for g in s.mozy.groups(r.partner) if g["external_id"] == str(c.number)]))
    s.gone(c, "ResellerNotProvisioned")
    s.quiet(r)


@scenario("20 the reseller's view")
def resellers_view(s):
    s.given("a reseller with two customers, one of whom uses 10 of 40 GB and 1 of 4 keys")
    r = s.reseller()
    c = s.ordered_customer_of(r, limits=plan(desktop=(4, 40), server=(1, 15)))
    other = s.ordered_customer_of(r, limits=plan(desktop=(7, 70), server=(2, 25)))
    c.add_licence(c.add_user("ann"), "Desktop", 10)
    mark = s.mark()
    for id_ in (r.id, r.number):
        s.when(f"the list is read by {'APS id' if id_ == r.id else 'number'}")
        answer = s.daemon.api(f"resellers/{id_}/customers")
        s.expect("answer", 200, answer.status_code)
        rows = answer.json() if isinstance(answer.json(), list) else next((v for v in answer.json().values() if isinstance(v, list)), [])
        s.expect("customers", 2, len(rows))
        mine = next((row for row in rows if c.id in str(row) or c.account["companyName"] in str(row)), {})
        # How the numbers are named is open: used, total and percent must be there for quota and keys.
        numbers = set(map(float, leaves(mine)))
        s.true(f"used 10 of 40 GB, 25 %, 1 of 4 keys, 15 GB Server: seen {mine}", {10.0, 40.0, 25.0, 1.0, 4.0, 15.0} <= numbers, "numbers")
    s.expect("a stranger's list", 404, s.daemon.api(f"resellers/{other.account['aps']['id']}/customers").status_code)
    s.writes(r, mark)


def leaves(value):
    if isinstance(value, dict):
        return [n for v in value.values() for n in leaves(v)]
    if isinstance(value, list):
        return [n for v in value for n in leaves(v)]
    return [value] if isinstance(value, (int, float)) and not isinstance(value, bool) else []


@scenario("21 the reseller suspends, then cancels")
def reseller_ends(s):
    s.given("a reseller with a customer who has a user with a licence")
    r = s.reseller()
    c = s.ordered_customer_of(r)
    c.add_licence(c.add_user("ann"), "Desktop", 10)
    s.when("the reseller is suspended")
    mark = s.mark()
    r.suspend()
    s.expect("status of his partner", "suspended", s.mozy.partners(r.number)[0]["status"])
    s.writes(r, mark, partner__Update=1)
    s.stands(c, "ResellerSuspended")
    s.quiet(r, sweeps=1)
    s.when("he is resumed")
    r.resume()
    s.expect("status of his partner", "active", s.mozy.partners(r.number)[0]["status"])
    s.gone(c, "ResellerSuspended")
    s.when("he cancels")
    mark = s.mark()
    r.terminate()
    s.expect("status of his partner", ["suspended"], [p["status"] for p in s.mozy.partners(r.number)])
    s.writes(r, mark, partner__Update=1)
    s.stands(c, "ResellerCancelled")
    s.expect("the customer's licences are still there", [("Desktop", 10)], s.keys_of(c, "ann"))
    s.quiet(c)
    s.when("the last customer is cancelled by hand")
    c.terminate()
    s.eventually("the reseller's partner", [], lambda: s.mozy.partners(r.number), 60)
    s.expect("deletes of partners", 1, s.mozy.writes(mark, r.partner).count("partner.Delete"))
