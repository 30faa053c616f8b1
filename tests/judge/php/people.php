<?php
// admin.* and user.*: who may sign in, and who backs up.

final class Admins {
  function Create(array $a): int {
    if (admin_taken($a['username'])) fault('Username has already been taken');
    $parent = $a['parent_admin_id'] ? one('select * from admin where id = ? and not deleted', $a['parent_admin_id']) : one('select * from admin where partner_id = ? and parent_admin_id is null', Key::$root);
    partner($parent['partner_id'] ?? 0);
    return insert('admin', ['partner_id' => $parent['partner_id'], 'parent_admin_id' => $parent['id'], 'username' => strtolower($a['username']), 'full_name' => $a['full_name'], 'external_id' => $a['external_id']]);
  }

  function Get(array $a): array {
    $rows = all('select a.* from admin a join partner p on p.id = a.partner_id where not a.deleted and (? is null or a.id = ?) and (? is null or a.username = lower(?))',
      $a['id'], $a['id'], $a['search']['username'] ?? null, $a['search']['username'] ?? null);
    $rows = array_values(array_filter($rows, fn($r) => in_tree(one('select * from partner where id = ?', $r['partner_id'])))) ?: fault('No admins found');
    return ['size' => count($rows), 'results' => array_map(fn($r) => admin_out($r, one_time_link($a, 'admin')), $rows)];
  }

  function Delete(array $a): ?int {
    $row = one('select * from admin where id = ? and not deleted', $a['id']) ?? fault('Admin not found');
    if ($row['parent_admin_id'] === null) fault('Cannot delete a root admin');
    return rows_changed(run('update admin set deleted = 1 where id = ?', $row['id']));
  }
}

final class Users {
  function Create(array $a): int {
    $group = group($a['user_group_id'] ?? fault('user_group_id is required'));
    $name = self::fold(trim((string) $a['username']));
    if (!str_contains($name, '@')) fault('Username must be an e-mail address');
    self::refuse_taken($name, (int) $group['partner_id']);
    if ($a['enable_sync'] && !Sync::group_on($group)) fault('Sync is not enabled for the user group');
    $id = insert('usr', ['group_id' => $group['id'], 'username' => $name, 'full_name' => $a['full_name'], 'external_id' => $a['external_id']]);
    Sync::set_user(user($id), $a['enable_sync']);
    return $id;
  }

  function Get(array $a): array {
    $rows = array_map(fn($u) => ['id' => $u['id'], 'user_group_id' => $u['group_id'], 'username' => $u['username'], 'full_name' => $u['full_name'], 'status' => $u['status'],
      'external_id' => $u['external_id'], 'enable_sync' => (bool) $u['enable_sync'], 'details' => one_time_link($a, 'user')], self::find($a));
    return ['size' => count($rows), 'results' => $rows];
  }

  function Update(array $a): ?int {
    $rows = target($a, self::find(...));
    foreach ($rows as $row) {
      $name = $a['username'] === null ? null : self::fold($a['username']);
      if ($name !== null && strtolower($name) !== strtolower($row['username'])) self::refuse_taken($name, (int) group($row['group_id'])['partner_id']);
      Sync::set_user($row, $a['enable_sync']);
      update('usr', $row['id'], ['username' => $name, 'full_name' => $a['full_name'], 'external_id' => $a['external_id'], 'status' => wanted_status($a)]);
      if ($a['user_group_id'] !== null && $a['user_group_id'] != $row['group_id']) self::move($row, group($a['user_group_id']));
    }
    return rows_changed(count($rows));
  }

  function Delete(array $a): ?int {
    $rows = target($a + ['search' => null], self::find(...));
    foreach ($rows as $row) {
      if ($row['status'] === 'suspended' && setting('suspended_user_delete') !== 'allowed') fault('Suspended users cannot be deleted');
      // His reserved keys are freed; those of his machines where machine_delete_clears_email says so.
      foreach (self::reserved($row) as $key) run('update licence set email = null, quota = null where keystring = ?', $key['keystring']);
      foreach (all('select id from machine where user_id = ? and not deleted', $row['id']) as $m) Machines::remove(machine((int) $m['id']));
      run('update usr set deleted = 1, enable_sync = 0 where id = ?', $row['id']);
    }
    return rows_changed(count($rows));
  }

  /** Keys and the GB of machines go along; the GB of reserved keys stay until the Transfer. */
  private static function move(array $user, array $to): void {
    if (group($user['group_id'])['partner_id'] != $to['partner_id']) fault('Cannot move a user to another partner');
    foreach (all('select m.*, l.type from machine m left join licence l on l.keystring = m.keystring where m.user_id = ? and not m.deleted', $user['id']) as $m) {
      add_quota((int) $user['group_id'], $m['type'] ?? 'Desktop', -(int) $m['quota']);
      add_quota((int) $to['id'], $m['type'] ?? 'Desktop', (int) $m['quota']);
      run('update licence set group_id = ? where machine_id = ?', $to['id'], $m['id']);
    }
    foreach (self::reserved($user) as $key) run('update licence set group_id = ? where keystring = ?', $to['id'], $key['keystring']);
    run('update usr set group_id = ? where id = ?', $to['id'], $user['id']);
  }

  private static function reserved(array $user): array {
    return all('select l.* from licence l join grp g on g.id = l.group_id where lower(l.email) = lower(?) and l.machine_id is null and g.partner_id = ?',
      $user['username'], group($user['group_id'])['partner_id']);
  }

  private static function refuse_taken(string $name, int $partner): void {
    $scope = setting('user_email_scope') === 'per partner' ? $partner : null;
    if (one('select 1 from usr u join grp g on g.id = u.group_id where not u.deleted and lower(u.username) = lower(?) and (? is null or g.partner_id = ?)', $name, $scope, $scope))
      fault('Username has already been taken');
  }

  private static function fold(string $name): string { return setting('usernames') === 'kept' ? $name : strtolower($name); }

  private static function find(array $a): array {
    if ($a['id'] !== null) return [user($a['id'])];
    $s = $a['search'];
    $rows = all('select u.* from usr u where not u.deleted and (? is null or u.group_id = ?) and (? is null or lower(u.username) = lower(?)) order by u.id',
      $s['user_group_id'] ?? null, $s['user_group_id'] ?? null, $s['username'] ?? null, $s['username'] ?? null);
    $seen = fn($u) => in_tree(one('select p.* from partner p join grp g on g.partner_id = p.id where g.id = ?', $u['group_id']));
    return array_values(array_filter($rows, $seen)) ?: fault('No users found');
  }
}

function admin_out(array $a, array $details = []): array {
  return ['id' => $a['id'], 'partner_id' => $a['partner_id'], 'parent_admin_id' => $a['parent_admin_id'], 'username' => $a['username'], 'full_name' => $a['full_name'],
    'external_id' => $a['external_id'], 'user_groups' => [], 'roles' => [], 'details' => $details];
}

function one_time_link(array $a, string $whose): array {
  if (!in_array('login_href', (array) ($a['details'] ?? []))) return [];
  return [['key' => 'login_href', 'value' => "https://secure.mozy.invalid/login/$whose?one_time=" . bin2hex(random_bytes(16))]];
}
