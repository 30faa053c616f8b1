<?php
// machine.* and email.*: what backs up, and what is written to people. Deleting a machine deletes its backup.

final class Machines {
  function Create(array $a): int {
    $user = user($a['user_id']);
    $key = one('select * from licence where keystring = ? and machine_id is null', $a['keystring']) ?? fault('License not found');
    if ($key['email'] !== null && strcasecmp($key['email'], $user['username'])) fault('License belongs to somebody else');
    $quota = (int) ($a['quota_desired'] ?? $key['quota']);
    $id = insert('machine', ['user_id' => $user['id'], 'alias' => $a['alias'], 'external_id' => $a['external_id'], 'keystring' => $key['keystring'], 'quota' => $quota]);
    run('update licence set machine_id = ?, email = ?, quota = ? where keystring = ?', $id, $key['email'] ?? $user['username'], $quota, $key['keystring']);
    return $id;
  }

  function Get(array $a): array {
    $rows = array_map(fn($m) => ['id' => $m['id'], 'user_id' => $m['user_id'], 'status' => $m['status'], 'alias' => $m['alias'], 'external_id' => $m['external_id'], 'keystring' => $m['keystring'],
      'quota' => $m['quota'], 'quota_used_bytes' => $m['used_bytes'], 'last_backup_at' => $m['last_backup_at']], self::find($a));
    return ['size' => count($rows), 'results' => $rows];
  }

  function Update(array $a): ?int {
    $rows = target($a, self::find(...));
    foreach ($rows as $m) {
      if ($a['quota'] !== null) self::set_quota($m, $a['quota']);
      update('machine', $m['id'], ['status' => $a['status'], 'external_id' => $a['external_id']]);
    }
    return rows_changed(count($rows));
  }

  function Delete(array $a): ?int {
    $rows = target($a + ['search' => null], self::find(...));
    foreach ($rows as $m) {
      if ($m['keystring'] === null) fault('The Sync machine goes with sync');
      self::remove($m);
    }
    return rows_changed(count($rows));
  }

  static function remove(array $m): void {
    run('update machine set deleted = 1 where id = ?', $m['id']);
    $clears = setting('machine_delete_clears_email') !== 'no';
    run('update licence set machine_id = null' . ($clears ? ', email = null, quota = null' : '') . ' where machine_id = ?', $m['id']);
  }

  private static function set_quota(array $m, int $quota): void {
    $group = (int) user($m['user_id'])['group_id'];
    $type = value('select type from licence where machine_id = ?', $m['id']) ?? 'Desktop';
    if ($quota < 0 || ($quota > $m['quota'] && free_quota($group, $type) < $quota - $m['quota'])) fault('Not enough quota');
    run('update machine set quota = ? where id = ?', $quota, $m['id']);
    run('update licence set quota = ? where machine_id = ?', $quota, $m['id']);
  }

  private static function find(array $a): array {
    if ($a['id'] !== null) return [machine($a['id'])];
    $user = user($a['search']['user_id'] ?? fault('id or user_id is required'));
    $alias = $a['search']['alias'] ?? null;
    return all('select * from machine where user_id = ? and not deleted and (? is null or alias = ?) order by id', $user['id'], $alias, $alias) ?: fault('No machines found');
  }
}

final class Emails {
  function Deliver(array $a): bool {
    $address = $a['email'] ?? ($a['user_id'] ? user($a['user_id'])['username'] : null) ?? fault('No recipient');
    insert('mail', ['at' => microtime(true), 'address' => strtolower($address), 'template' => $a['template']]);
    return true;
  }
}
