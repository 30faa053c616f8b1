<?php
// resource.*: stock per group (Provision and Release are deltas), and the life of a key: free → reserved → used.

const LICENSE_TYPES = ['Desktop', 'Server'];

final class Resources {
  function Provision(array $a): array {
    [$group, $n, $quota] = self::stock($a, $a['partner_id'], $a['user_group_id']);
    $new = [];
    for ($i = 0; $i < $n; $i++) {
      $new[] = ['keystring' => strtoupper(substr(bin2hex(random_bytes(10)), 0, 20)), 'license_type' => $a['license_type'], 'user_group_id' => $group];
      insert('licence', ['keystring' => $new[$i]['keystring'], 'type' => $a['license_type'], 'group_id' => $group]);
    }
    add_quota($group, $a['license_type'], $quota);
    return ['size' => count($new), 'results' => $new];
  }

  function Release(array $a): ?int {
    [$group, $n, $quota] = self::stock($a, $a['partner_id'], $a['user_group_id']);
    foreach (self::take($group, $a['license_type'], $n, $quota) as $key) run('delete from licence where keystring = ?', $key);
    add_quota($group, $a['license_type'], -$quota);
    return rows_changed($n);
  }

  function Transfer(array $a): ?int {
    [$from, $n, $quota] = self::stock($a, $a['source_partner_id'], $a['source_user_group_id']);
    [$to] = self::stock($a, $a['target_partner_id'], $a['target_user_group_id']);
    foreach (self::take($from, $a['license_type'], $n, $quota) as $key) run('update licence set group_id = ? where keystring = ?', $to, $key);
    add_quota($from, $a['license_type'], -$quota);
    add_quota($to, $a['license_type'], $quota);
    return rows_changed($n);
  }

  function GetResources(array $a): array {
    $groups = $a['user_group_id'] !== null ? [stock_group($a['partner_id'], $a['user_group_id'])['id']]
      : array_column(all('select id from grp where partner_id = ? and not deleted', partner($a['partner_id'])['id']), 'id');
    $answer = [];
    foreach (LICENSE_TYPES as $type) {
      $sum = array_fill_keys(['licenses', 'licenses_reserved', 'licenses_used', 'quota', 'quota_distributed', 'quota_used_bytes'], 0);
      foreach ($groups as $g) foreach (self::of_group((int) $g, $type) as $k => $v) $sum[$k] += $v;
      if (array_sum($sum) || setting('unprovisioned_types') !== 'left out') $answer[] = ['license_type' => $type] + $sum;
    }
    if (setting('GetResources_extra_types')) $answer[] = ['license_type' => 'GrandFathered', 'licenses' => 3, 'licenses_reserved' => 1, 'licenses_used' => 1, 'quota' => 7, 'quota_distributed' => 7, 'quota_used_bytes' => 7];
    return $answer;
  }

  function GetLicenses(array $a): array {
    $rows = array_map(fn($l) => ['keystring' => $l['keystring'], 'license_type' => $l['type'], 'user_group_id' => $l['group_id'], 'machine_id' => $l['machine_id'], 'assigned_email_address' => $l['email'],
      'quota_desired' => $l['quota'], 'expires_at' => $l['expires_at'], 'external_id' => $l['external_id']], self::find($a));
    return $rows || setting('empty_get_licenses') === 'empty list' ? ['size' => count($rows), 'results' => $rows] : fault('No licenses found');
  }

  function UpdateLicenses(array $a): ?int {
    if ($a['keystring'] === null && empty($a['search'])) fault('Either keystring or search is required');
    $rows = self::find($a);
    if (!$rows && setting('missing_update') !== 'returns 0') fault('License not found');
    foreach ($rows as $l) self::change($l, $a);
    return rows_changed(count($rows));
  }

  private static function change(array $l, array $a): void {
    $email = $a['assigned_email_address'];
    $changes = ($email !== null && strcasecmp($email, (string) $l['email'])) || ($a['quota_desired'] !== null && $a['quota_desired'] != $l['quota'])
      || ($a['license_type'] !== null && $a['license_type'] !== $l['type']) || ($a['user_group_id'] !== null && $a['user_group_id'] != $l['group_id']);
    if ($l['machine_id'] !== null && $changes) fault('License is in use');
    $email = $email ?? $l['email'];
    $quota = $email ? $a['quota_desired'] ?? $l['quota'] : null;
    $group = $a['user_group_id'] !== null ? group($a['user_group_id'])['id'] : $l['group_id'];
    $type = $a['license_type'] ?? $l['type'];
    $more = (int) $quota - ($l['email'] && $l['group_id'] == $group ? (int) $l['quota'] : 0);
    if ($quota < 0 || ($more > 0 && free_quota((int) $group, $type) < $more)) fault('Not enough quota');
    run('update licence set email = ?, quota = ?, group_id = ?, type = ?, external_id = coalesce(?, external_id), expires_at = coalesce(?, expires_at) where keystring = ?',
      $email ?: null, $quota, $group, $type, $a['external_id'], $a['expires_at'], $l['keystring']);
    if ($a['deliver_emails'] && $email) insert('mail', ['at' => microtime(true), 'address' => strtolower($email), 'keystring' => $l['keystring'], 'template' => 'activation']);
  }

  private static function find(array $a): array {
    $s = (array) $a['search'];
    $sql = 'select l.*, g.partner_id from licence l join grp g on g.id = l.group_id where 1'; $args = [];
    foreach (['l.keystring = ?' => $a['keystring'], 'l.type = ?' => $s['license_type'] ?? null, 'l.group_id = ?' => $s['user_group_id'] ?? null,
              'lower(l.email) = lower(?)' => $s['assigned_email_address'] ?? null] as $clause => $v)
      if ($v !== null) { $sql .= " and $clause"; $args[] = $v; }
    if (isset($s['status'])) $sql .= $s['status'] === 'free' ? ' and l.email is null and l.machine_id is null' : ' and 0';
    if (!empty($s['no_sub_partners'])) { $sql .= ' and g.partner_id = ?'; $args[] = Key::$root; }
    return array_values(array_filter(all("$sql order by l.rowid", ...$args), fn($l) => in_tree(one('select * from partner where id = ?', $l['partner_id']))));
  }

  private static function of_group(int $group, string $type): array {
    $n = one('select count(*) as licenses, coalesce(sum(machine_id is null and email is not null), 0) as licenses_reserved, coalesce(sum(machine_id is not null), 0) as licenses_used from licence where group_id = ? and type = ?', $group, $type);
    return $n + ['quota' => (int) value('select quota from pool where group_id = ? and type = ?', $group, $type), 'quota_distributed' => distributed($group, $type),
      'quota_used_bytes' => (int) value('select sum(m.used_bytes) from machine m join licence l on l.machine_id = m.id where l.group_id = ? and l.type = ?', $group, $type)];
  }

  private static function stock(array $a, ?int $partner, ?int $group): array {
    if (!in_array($a['license_type'], LICENSE_TYPES)) fault('Invalid license type');
    if ($a['licenses'] === null || $a['quota'] === null || $a['licenses'] < 0 || $a['quota'] < 0) fault('licenses and quota must not be negative');
    return [(int) stock_group($partner, $group)['id'], $a['licenses'], $a['quota']];
  }

  /** The free keys to take; more than is free, of keys or of GB, faults. */
  private static function take(int $group, string $type, int $n, int $quota): array {
    $keys = array_column(all('select keystring from licence where group_id = ? and type = ? and email is null and machine_id is null limit ?', $group, $type, $n), 'keystring');
    if (count($keys) < $n) fault('Not enough free licenses');
    if ($quota > 0 && free_quota($group, $type) < $quota) fault('Not enough free quota');
    return $keys;
  }
}
