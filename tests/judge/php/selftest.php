<?php
// PHP's own SoapClient against this Mozy: `php selftest.php BASE_URL API_KEY`. Walks an account from order to end and prints what failed.
require_once __DIR__ . '/ops.php';
ini_set('soap.wsdl_cache_enabled', '0');
[, $base, $key] = $argv;
$failed = 0;

function call(string $service, string $method, array $a = []) {
  global $base, $key;
  static $clients = [];
  $clients[$service] ??= new SoapClient("$base/api/0.1.50/$service/service.wsdl", ['features' => SOAP_SINGLE_ELEMENT_ARRAYS, 'keep_alive' => false]);
  $args = [$key];
  foreach (parts(OPS[$service][$method][0]) as $part => $_) $args[] = $a[$part] ?? null;
  return $clients[$service]->__soapCall($method, $args);
}
function check(string $what, $expected, $seen): void {
  global $failed;
  if ($expected == $seen) return;
  $failed++;
  echo "FAIL $what: expected " . json_encode($expected) . ', seen ' . json_encode($seen) . "\n";
}
function faults(string $what, string $service, string $method, array $a = []): void {
  try { check($what, 'a fault', call($service, $method, $a)); } catch (SoapFault $f) { check("$what: a fault of the operation", false, str_contains($f->getMessage(), 'Encoding')); }
}
function pool(int $p, string $type): array { foreach (call('resource', 'GetResources', ['partner_id' => $p]) as $r) if ($r->license_type === $type) return (array) $r; }
function details(array $a): array { return array_map(fn($k, $v) => (object) ['key' => $k, 'value' => $v], array_keys($a), $a); }

$p = call('partner', 'Create', ['name' => 'Selftest', 'root_admin_username' => 'Boss@selftest.invalid', 'external_id' => '77', 'default_sync_quota' => 3]);
faults('a second admin of that name', 'partner', 'Create', ['name' => 'Other', 'root_admin_username' => 'boss@SELFTEST.invalid']);
$got = call('partner', 'Get', ['id' => $p])->results[0];
check('partner', ['Selftest', 'active', '77', 'boss@selftest.invalid', 3], [$got->name, $got->status, $got->external_id, $got->root_admin->username, $got->default_sync_quota]);
check('ids are 64 bit', true, $p > 2 ** 32);
faults('a Get that matches nothing', 'partner', 'Get', ['search' => ['name' => 'Nobody']]);

check('keys', 3, call('resource', 'Provision', ['partner_id' => $p, 'license_type' => 'Desktop', 'licenses' => 3, 'quota' => 100])->size);
faults('more than is free', 'resource', 'Release', ['partner_id' => $p, 'license_type' => 'Desktop', 'licenses' => 4, 'quota' => 0]);
$u = call('user', 'Create', ['user_group_id' => $got->default_user_group_id, 'username' => 'Ann@selftest.invalid', 'external_id' => '77']);
check('lower-cased', 'ann@selftest.invalid', call('user', 'Get', ['id' => $u])->results[0]->username);
$free = call('resource', 'GetLicenses', ['search' => ['status' => 'free', 'user_group_id' => $got->default_user_group_id]])->results;
$k = $free[0]->keystring;
check('20 letters and digits', 1, preg_match('/^[A-Z0-9]{20}$/', $k));
call('resource', 'UpdateLicenses', ['keystring' => $k, 'assigned_email_address' => 'ann@selftest.invalid', 'quota_desired' => 40, 'deliver_emails' => true]);
check('reserved', [3, 1, 0, 100, 40], array_values(array_slice(pool($p, 'Desktop'), 1, 5)));
$m = call('machine', 'Create', ['user_id' => $u, 'keystring' => $k, 'alias' => 'PC']);
faults('a used key keeps its quota', 'resource', 'UpdateLicenses', ['keystring' => $k, 'quota_desired' => 50]);
call('machine', 'Update', ['id' => $m, 'quota' => 50]);
check('used', [3, 0, 1, 100, 50], array_values(array_slice(pool($p, 'Desktop'), 1, 5)));

faults('a user cannot sync where the partner does not', 'user', 'Update', ['id' => $u, 'enable_sync' => true]);
call('partner', 'Update', ['id' => $p, 'enable_sync' => true]);
call('user', 'Update', ['id' => $u, 'enable_sync' => true]);
check('Sync machine', 3, call('machine', 'Get', ['search' => ['user_id' => $u, 'alias' => 'Sync']])->results[0]->quota);
check('sync counts', 53, pool($p, 'Desktop')['quota_distributed']);
faults('a parent stays on while a child is', 'partner', 'Update', ['id' => $p, 'enable_sync' => false]);

$g = call('user_group', 'Create', ['partner_id' => $p, 'name' => 'Sales']);
call('resource', 'UpdateLicenses', ['keystring' => $free[1]->keystring, 'assigned_email_address' => 'ann@selftest.invalid', 'quota_desired' => 10]);
call('user', 'Update', ['id' => $u, 'user_group_id' => $g]);
call('resource', 'Transfer', ['source_partner_id' => $p, 'source_user_group_id' => $got->default_user_group_id, 'target_partner_id' => $p, 'target_user_group_id' => $g, 'license_type' => 'Desktop', 'licenses' => 0, 'quota' => 10]);
$sales = call('resource', 'GetResources', ['user_group_id' => $g])[0];
check('what moved', [2, 63, 63], [$sales->licenses, $sales->quota, $sales->quota_distributed]);
faults('a group with users', 'user_group', 'Delete', ['id' => $g]);
call('user', 'Update', ['id' => $u, 'details' => details(['status' => 'suspended'])]);
faults('a suspended user is resumed first', 'user', 'Delete', ['id' => $u]);
call('user', 'Update', ['id' => $u, 'details' => details(['status' => 'active'])]);
call('user', 'Delete', ['id' => $u]);
call('user_group', 'Delete', ['id' => $g]);
check('stock stays', [3, 0, 0, 100, 0], array_values(array_slice(pool($p, 'Desktop'), 1, 5)));
$link = call('admin', 'Get', ['search' => ['username' => 'boss@selftest.invalid'], 'details' => ['login_href']])->results[0]->details[0]->value;
check('a link', true, str_starts_with($link, 'https://'));
call('partner', 'Delete', ['id' => $p]);
faults('a deleted partner', 'partner', 'Get', ['id' => $p]);
$key = str_repeat('x', 64);
faults('a wrong key', 'partner', 'Get');
echo $failed ? "selftest: $failed failed\n" : "selftest: the judge's Mozy works\n";
exit($failed ? 1 : 0);
