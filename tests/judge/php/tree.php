<?php
// What one key may see: its own partner and the tree below it. Everything else does not exist for it.

final class Key {
  public static int $root;

  static function open(?string $secret): void {
    self::$root = (int) (value('select partner_id from api_key where secret = ?', $secret) ?? fault('Invalid API key'));
  }
}

/** A living partner of the key's tree; nil is the key's own. */
function partner(?int $id): array {
  $row = one('select * from partner where id = ? and not deleted', $id ?? Key::$root);
  return $row && in_tree($row) ? $row : fault('Partner not found');
}

function in_tree(array $partner): bool {
  for ($row = $partner; $row; $row = one('select * from partner where id = ?', $row['parent_id'])) if ($row['id'] == Key::$root) return true;
  return false;
}

function group(int $id): array {
  $row = one('select * from grp where id = ? and not deleted', $id) ?? fault('User group not found');
  partner($row['partner_id']);
  return $row;
}

/** The group that (partner_id, user_group_id) names: nil partner is the group's, nil group is the partner's default. */
function stock_group(?int $partner, ?int $group): array {
  if ($group === null) return group((int) partner($partner)['default_group_id']);
  $row = group($group);
  if ($partner !== null && $row['partner_id'] != $partner) fault('User group does not belong to partner');
  return $row;
}

function user(int $id): array {
  $row = one('select * from usr where id = ? and not deleted', $id) ?? fault('User not found');
  group($row['group_id']);
  return $row;
}

function machine(int $id): array {
  $row = one('select * from machine where id = ? and not deleted', $id) ?? fault('Machine not found');
  user($row['user_id']);
  return $row;
}

/** GB of a group and type that nothing has been promised yet. Sync GB come out of Desktop. */
function free_quota(int $group, string $type): int {
  return (int) value('select quota from pool where group_id = ? and type = ?', $group, $type) - distributed($group, $type);
}

function distributed(int $group, string $type): int {
  $keys = (int) value('select sum(quota) from licence where group_id = ? and type = ? and (email is not null or machine_id is not null)', $group, $type);
  return $keys + ($type === 'Desktop' ? (int) value("select sum(m.quota) from machine m join usr u on u.id = m.user_id where u.group_id = ? and m.keystring is null and not m.deleted and not u.deleted", $group) : 0);
}

function add_quota(int $group, string $type, int $quota): void {
  run('insert into pool (group_id, type, quota) values (?, ?, ?) on conflict do update set quota = quota + excluded.quota', $group, $type, $quota);
}

/** What `details [{status}]` asks for, if it does. */
function wanted_status(array $a): ?string {
  $status = $a['details']['status'] ?? null;
  if ($status !== null && !in_array($status, ['active', 'suspended'])) fault("Invalid status $status");
  return $status;
}

/** An Update or Delete names its target by id or by search; of something missing it faults, or returns 0 (switch). */
function target(array $a, callable $get): array {
  if ($a['id'] === null && empty($a['search'])) fault('Either id or search is required');
  try { return $get($a); } catch (SoapFault $missing) {
    if (setting('missing_update') === 'returns 0') return [];
    throw $missing;
  }
}

function rows_changed(int $n): ?int { return setting('update_return') === 'nothing' ? null : $n; }
