<?php
// user_group.*: groups inside a partner; the default one and one with users in it are never deleted.

final class Groups {
  function Create(array $a): int {
    $partner = partner($a['partner_id'] ?? fault('partner_id is required'));
    if (!$a['name']) fault('Name is required');
    if ($a['enable_sync'] && !Sync::partner_on($partner)) fault('Sync is not enabled for the partner');
    $id = insert('grp', ['partner_id' => $partner['id'], 'name' => $a['name'], 'external_id' => $a['external_id'], 'enable_sync' => $a['enable_sync'] === null ? null : (int) $a['enable_sync']]);
    if ($a['default_for_partner']) run('update partner set default_group_id = ? where id = ?', $id, $partner['id']);
    return $id;
  }

  function Get(array $a): array {
    $rows = array_map(fn($g) => ['id' => $g['id'], 'partner_id' => $g['partner_id'], 'name' => $g['name'], 'status' => $g['status'], 'external_id' => $g['external_id'],
      'default_quotas' => [], 'enable_sync' => $g['enable_sync'] === null ? null : (bool) $g['enable_sync']], self::find($a));
    return ['size' => count($rows), 'results' => $rows];
  }

  function Update(array $a): ?int {
    $rows = target($a, self::find(...));
    foreach ($rows as $row) {
      Sync::set_group($row, $a['enable_sync']);
      update('grp', $row['id'], ['name' => $a['name'], 'external_id' => $a['external_id'], 'status' => wanted_status($a)]);
      if ($a['default_for_partner']) run('update partner set default_group_id = ? where id = ?', $row['id'], $row['partner_id']);
    }
    return rows_changed(count($rows));
  }

  function Delete(array $a): ?int {
    $rows = target($a, self::find(...));
    foreach ($rows as $row) {
      $default = (int) value('select default_group_id from partner where id = ?', $row['partner_id']);
      if ($default == $row['id']) fault('Cannot delete the default user group');
      if (one('select 1 from usr where group_id = ? and not deleted', $row['id'])) fault('User group has users');
      if (setting('deleted_group_resources') !== 'released') {
        run('update licence set group_id = ? where group_id = ?', $default, $row['id']);
        foreach (all('select * from pool where group_id = ?', $row['id']) as $pool) add_quota($default, $pool['type'], (int) $pool['quota']);
      } else run('delete from licence where group_id = ?', $row['id']);
      run('delete from pool where group_id = ?', $row['id']);
      run('update grp set deleted = 1 where id = ?', $row['id']);
    }
    return rows_changed(count($rows));
  }

  private static function find(array $a): array {
    if ($a['id'] !== null) return [group($a['id'])];
    $partner = partner($a['search']['partner_id'] ?? null);
    return all('select * from grp where partner_id = ? and not deleted order by id', $partner['id']) ?: fault('No user groups found');
  }
}
