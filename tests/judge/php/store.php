<?php
// The state of this Mozy: one SQLite file, one immediate transaction per call, so several workers are one state machine.

function db(): PDO {
  static $pdo = null;
  if ($pdo) return $pdo;
  $pdo = new PDO('sqlite:' . getenv('MOZY_DB'), null, null, [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION, PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_ASSOC]);
  $pdo->exec('pragma busy_timeout=20000; pragma synchronous=off; pragma case_sensitive_like=on');
  return $pdo;
}

/** Integers are bound as integers: the columns have no affinity, so '1' would not be 1. */
function query(string $sql, array $args): PDOStatement {
  $s = db()->prepare($sql);
  foreach ($args as $i => $v) $s->bindValue($i + 1, is_bool($v) ? (int) $v : $v, is_int($v) || is_bool($v) ? PDO::PARAM_INT : ($v === null ? PDO::PARAM_NULL : PDO::PARAM_STR));
  $s->execute();
  return $s;
}
function run(string $sql, ...$args): int { return query($sql, $args)->rowCount(); }
function all(string $sql, ...$args): array { return query($sql, $args)->fetchAll(); }
function one(string $sql, ...$args): ?array { return all($sql, ...$args)[0] ?? null; }
function value(string $sql, ...$args) { $row = one($sql, ...$args); return $row ? reset($row) : null; }

function insert(string $table, array $row): int {
  $names = implode(',', array_keys($row));
  run("insert into $table ($names) values (" . rtrim(str_repeat('?,', count($row)), ',') . ')', ...array_values($row));
  return (int) db()->lastInsertId();
}

/** Sets the columns whose value is not null: nil means "leave as it is". */
function update(string $table, int $id, array $row): void {
  foreach ($row as $column => $v) if ($v !== null) run("update $table set $column = ? where id = ?", $v, $id);
}

function setting(string $name, $default = null) { return value('select value from setting where name = ?', $name) ?? $default; }

function fault(string $text): never { throw new SoapFault('Server', $text); }

function create_schema(): void {
  // ids are larger than 32 bits: a client that squeezes them shows itself.
  db()->exec("pragma journal_mode=wal;
    create table partner (id integer primary key autoincrement, name, company_type, subdomain, root_role, external_id, parent_id, status default 'active', enable_sync, default_sync_quota, default_group_id, deleted default 0);
    create table admin (id integer primary key autoincrement, partner_id, parent_admin_id, username, full_name, external_id, deleted default 0);
    create table grp (id integer primary key autoincrement, partner_id, name, status default 'active', external_id, enable_sync, deleted default 0);
    create table usr (id integer primary key autoincrement, group_id, username, full_name, status default 'active', external_id, enable_sync default 0, sync_quota, deleted default 0);
    create table pool (group_id, type, quota default 0, primary key (group_id, type));
    create table licence (keystring primary key, type, group_id, machine_id, email, quota, external_id, expires_at);
    create table machine (id integer primary key autoincrement, user_id, status default 'active', alias, external_id, keystring, quota default 0, used_bytes default 0, last_backup_at, deleted default 0);
    create table api_key (secret primary key, partner_id);
    create table call (n integer primary key autoincrement, at, service, method, is_write, fault, partner_id, external_id, args, answer);
    create table mail (n integer primary key autoincrement, at, address, keystring, template);
    create table complaint (n integer primary key autoincrement, at, what);
    create table setting (name primary key, value);
    create index licence_group on licence(group_id); create index call_partner on call(partner_id);
    insert into sqlite_sequence(name, seq) values ('partner', 5000000000), ('admin', 6000000000), ('grp', 7000000000), ('usr', 8000000000), ('machine', 9000000000);");
}
