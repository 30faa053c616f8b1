<?php
// The judge's hands inside this Mozy; no part of Mozy. POST /hooks/{name} with JSON, answers JSON.

final class Hooks {
  function setup(array $a): array { create_schema(); return []; }

  /** A root partner of ours and the key that opens it. */
  function root(array $a): array {
    $id = insert('partner', ['name' => $a['name'], 'company_type' => 'reseller', 'parent_id' => 0, 'enable_sync' => 1]);
    run('update partner set default_group_id = ? where id = ?', insert('grp', ['partner_id' => $id, 'name' => 'Default']), $id);
    insert('admin', ['partner_id' => $id, 'username' => "root$id@provider.invalid", 'full_name' => 'Root']);
    run('insert into api_key values (?, ?)', $a['api_key'], $id);
    return ['partner_id' => $id];
  }

  /** An admin outside our tree: no Get sees him, and only Create faults. */
  function foreign_admin(array $a): array {
    return ['id' => insert('admin', ['partner_id' => -1, 'username' => strtolower($a['username']), 'full_name' => 'Somebody Else'])];
  }

  function set(array $a): array {
    foreach ($a as $name => $v) run('insert into setting values (?, ?) on conflict do update set value = excluded.value', $name, $v);
    return [];
  }

  /** A backup client signs in with a reserved key. */
  function activate(array $a): array {
    $key = one('select l.*, g.partner_id from licence l join grp g on g.id = l.group_id where l.keystring = ?', $a['keystring']);
    $user = value('select u.id from usr u join grp g on g.id = u.group_id where lower(u.username) = lower(?) and g.partner_id = ? and not u.deleted', $key['email'], $key['partner_id']);
    self::as_root_of($key['partner_id']);
    return ['machine_id' => (new Machines)->Create(self::nils('machine', 'Create', ['user_id' => $user, 'keystring' => $a['keystring'], 'alias' => $a['alias'] ?? 'LAPTOP']))];
  }

  function grow(array $a): array {
    run('update machine set used_bytes = used_bytes + ?, last_backup_at = ? where id = ?', $a['bytes'], gmdate('Y-m-d\TH:i:s\Z'), $a['machine_id']);
    return [];
  }

  /** Anything a person can do in Mozy's own control panel: an operation, not written to the call log. */
  function panel(array $a): array {
    self::as_root_of($a['partner_id']);
    return ['answer' => (new (SERVICES[$a['service']]))->{$a['method']}(self::nils($a['service'], $a['method'], $a['args']))];
  }

  private static function as_root_of(int $partner): void {
    for ($row = one('select * from partner where id = ?', $partner); $row['parent_id']; ) $row = one('select * from partner where id = ?', $row['parent_id']);
    Key::$root = (int) $row['id'];
  }

  private static function nils(string $service, string $method, array $args): array {
    return $args + array_fill_keys(array_keys(parts(OPS[$service][$method][0])), null);
  }
}
