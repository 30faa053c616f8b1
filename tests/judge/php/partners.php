<?php
// partner.*: sub-partners, their root admin and their default group.

final class Partners {
  function Create(array $a): int {
    $parent = partner($a['parent_partner_id']);
    $email = trim((string) $a['root_admin_username']);
    if (!$a['name'] || !str_contains($email, '@')) fault('Name and root admin username are required');
    if (!in_array($a['company_type'] ?? 'business', ['business', 'reseller', 'corp'])) fault('Invalid company type');
    // Unique among all admins of Mozy, also outside the tree of this key.
    if (admin_taken($email)) fault('Username has already been taken');
    if ($a['enable_sync'] && Sync::partner_on($parent) === false) fault('Sync is not enabled for the parent partner');
    $id = insert('partner', ['name' => $a['name'], 'company_type' => $a['company_type'] ?? 'business', 'subdomain' => $a['subdomain'], 'root_role' => $a['root_role'],
      'external_id' => $a['external_id'], 'parent_id' => $parent['id'], 'enable_sync' => $a['enable_sync'] === null ? null : (int) $a['enable_sync'], 'default_sync_quota' => $a['default_sync_quota']]);
    insert('admin', ['partner_id' => $id, 'username' => strtolower($email), 'full_name' => $a['root_admin_full_name'], 'external_id' => $a['root_admin_external_id']]);
    run('update partner set default_group_id = ? where id = ?', insert('grp', ['partner_id' => $id, 'name' => '(default user group)']), $id);
    return $id;
  }

  function Get(array $a): array {
    $rows = array_map(partner_out(...), self::find($a));
    return ['size' => count($rows), 'results' => $rows];
  }

  function Update(array $a): ?int {
    $rows = target($a, self::find(...));
    foreach ($rows as $row) {
      Sync::set_partner($row, $a['enable_sync']);
      update('partner', $row['id'], ['name' => $a['name'], 'company_type' => $a['company_type'], 'subdomain' => $a['subdomain'], 'root_role' => $a['root_role'],
        'external_id' => $a['external_id'], 'status' => wanted_status($a), 'default_sync_quota' => $a['default_sync_quota']]);
    }
    return rows_changed(count($rows));
  }

  function Delete(array $a): ?int {
    $rows = target($a, self::find(...));
    foreach ($rows as $row) {
      if ($row['id'] == Key::$root) fault('Cannot delete own partner');
      self::bury((int) $row['id']);
    }
    return rows_changed(count($rows));
  }

  private static function bury(int $id): void {
    foreach (all('select id from partner where parent_id = ? and not deleted', $id) as $child) self::bury((int) $child['id']);
    run('update machine set deleted = 1 where user_id in (select u.id from usr u join grp g on g.id = u.group_id where g.partner_id = ?)', $id);
    run('update usr set deleted = 1 where group_id in (select id from grp where partner_id = ?)', $id);
    run('update grp set deleted = 1 where partner_id = ?', $id);
    run('update admin set deleted = 1 where partner_id = ?', $id);
    run('update partner set deleted = 1 where id = ?', $id);
  }

  private static function find(array $a): array {
    $s = $a['search'];
    if (isset($s['external_id']) && setting('external_id_search') === 'faults') fault('external_id is not searchable');
    if (setting('external_id_search') === 'ignored') unset($s['external_id']);
    $gone = setting('deleted_partner_get') === 'status' ? 'in (0,1)' : '= 0';
    $sql = "select p.* from partner p left join admin a on a.partner_id = p.id and a.parent_admin_id is null where p.deleted $gone"; $args = [];
    foreach (['p.id = ?' => $a['id'] ?? $s['id'] ?? null, 'p.name = ?' => $s['name'] ?? null, 'p.external_id = ?' => $s['external_id'] ?? null,
              'a.username = lower(?)' => $s['root_admin_username'] ?? null] as $clause => $v)
      if ($v !== null) { $sql .= " and $clause"; $args[] = $v; }
    return array_values(array_filter(all($sql, ...$args), in_tree(...))) ?: fault('No partners found');
  }
}

function admin_taken(string $email): bool {
  $gone = setting('deleted_email_reusable') === 'after purge' ? '' : 'and not deleted';
  return (bool) one("select 1 from admin where username = lower(?) $gone", $email);
}

function partner_out(array $p): array {
  $admin = one('select * from admin where partner_id = ? and parent_admin_id is null', $p['id']);
  return ['id' => $p['id'], 'name' => $p['name'], 'status' => $p['deleted'] ? 'deleted' : $p['status'], 'external_id' => $p['external_id'], 'subdomain' => $p['subdomain'],
    'parent_partner_id' => $p['parent_id'], 'root_role_id' => $p['root_role'], 'default_user_group_id' => $p['default_group_id'], 'root_admin' => $admin ? admin_out($admin) : null,
    'enable_sync' => $p['enable_sync'] === null ? null : (bool) $p['enable_sync'], 'default_sync_quota' => $p['default_sync_quota']];
}
