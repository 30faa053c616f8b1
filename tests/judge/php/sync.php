<?php
// enable_sync, three-valued, partner → group → user. A parent is judged by what is in force.

final class Sync {
  static function partner_on(array $p): bool {
    if ($p['enable_sync'] !== null) return (bool) $p['enable_sync'];
    // A root partner that never said anything allows it; a sub-partner that never said anything is off.
    return $p['id'] == Key::$root;
  }

  static function group_on(array $g): bool {
    return self::partner_on(one('select * from partner where id = ?', $g['partner_id'])) && ($g['enable_sync'] === null || $g['enable_sync']);
  }

  static function set_partner(array $p, ?bool $on): void {
    if ($on === null) return;
    if ($on && $p['parent_id'] && !self::partner_on(one('select * from partner where id = ?', $p['parent_id']))) fault('Sync is not enabled for the parent');
    if (!$on && one('select 1 from grp where partner_id = ? and not deleted and enable_sync = 1', $p['id'])) fault('A user group has sync enabled');
    if (!$on && one('select 1 from usr u join grp g on g.id = u.group_id where g.partner_id = ? and not u.deleted and u.enable_sync = 1', $p['id'])) fault('A user has sync enabled');
    update('partner', $p['id'], ['enable_sync' => $on]);
  }

  static function set_group(array $g, ?bool $on): void {
    if ($on === null) return;
    if ($on && !self::partner_on(one('select * from partner where id = ?', $g['partner_id']))) fault('Sync is not enabled for the partner');
    if (!$on && one('select 1 from usr where group_id = ? and not deleted and enable_sync = 1', $g['id'])) fault('A user has sync enabled');
    update('grp', $g['id'], ['enable_sync' => $on]);
  }

  /** A synced user owns a pseudo-machine without a key, whose GB come out of the Desktop pool. */
  static function set_user(array $u, ?bool $on): void {
    if ($on === null || $on == $u['enable_sync']) return;
    $group = group($u['group_id']);
    if ($on) {
      if (!self::group_on($group)) fault('Sync is not enabled for the user group');
      $quota = (int) (value('select default_sync_quota from partner where id = ?', $group['partner_id']) ?? 2);
      if (free_quota((int) $group['id'], 'Desktop') < $quota) fault('Not enough desktop quota for sync');
      insert('machine', ['user_id' => $u['id'], 'alias' => 'Sync', 'quota' => $quota]);
    } else run("update machine set deleted = 1 where user_id = ? and keystring is null and alias = 'Sync'", $u['id']);
    update('usr', $u['id'], ['enable_sync' => $on]);
  }
}
