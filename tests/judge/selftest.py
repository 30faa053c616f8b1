"""Tries the judge's Mozy with a stock client, PHP's SoapClient, under each value of each switch that a client of this kind can notice."""
import os
import shutil
import subprocess
import sys
import tempfile

from mozy import HERE, Mozy, free_port

folder = tempfile.mkdtemp(prefix="judge-selftest-")
mozy = Mozy(folder, free_port())
codes = []
try:
    mozy.start()
    for settings in ({}, {"int_encoding": "int"}, {"fault_http_status": "200"}, {"update_return": "nothing"}, {"user_email_scope": "per partner"}):
        mozy.set(int_encoding="long", fault_http_status="500", update_return="rows changed")
        mozy.set(**settings)
        api_key, _ = mozy.new_root(f"Selftest {settings}")
        print(settings or "defaults", end=": ", flush=True)
        codes.append(subprocess.call(["php", os.path.join(HERE, "php", "selftest.php"), mozy.base_url, api_key]))
    complaints = mozy.complaints()
    print(f"complaints about the stock client's envelopes: {complaints or 'none'}")
finally:
    mozy.stop()
    shutil.rmtree(folder, ignore_errors=True)
sys.exit(1 if any(codes) or complaints else 0)
