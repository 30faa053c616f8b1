<?php
// What SoapServer calls: names the arguments, opens the key, runs the operation in one transaction and writes the call log.

const SERVICES = ['partner' => Partners::class, 'user_group' => Groups::class, 'admin' => Admins::class, 'user' => Users::class, 'resource' => Resources::class, 'machine' => Machines::class, 'email' => Emails::class];

final class Door {
  function __construct(private string $service) {}

  function __call(string $method, array $args) {
    self::linger('latency_before_ms');
    $names = array_keys(parts(OPS[$this->service][$method][0]));
    $a = array_map(plain(...), array_combine($names, array_pad(array_slice($args, 1), count($names), null)));
    foreach (['details', 'root_admin_details'] as $pairs) if (isset($a[$pairs]) && $method !== 'Get') $a[$pairs] = array_column($a[$pairs], 'value', 'key');
    db()->exec('begin immediate');
    $log = ['at' => microtime(true), 'service' => $this->service, 'method' => $method, 'is_write' => (int) !is_read($method), 'fault' => null, 'partner_id' => null,
      'external_id' => $a['external_id'] ?? $a['search']['external_id'] ?? null, 'args' => json_encode(array_filter($a, fn($v) => $v !== null)), 'answer' => null];
    try {
      db()->exec('savepoint work');
      Key::open($args[0]);
      $log['partner_id'] = partner_of($this->service, $method, $a);
      $answer = (new (SERVICES[$this->service]))->$method($a);
      if ($method === 'Create' && $this->service === 'partner') $log['partner_id'] = $answer;
      $log['answer'] = is_scalar($answer) ? $answer : null;
      return $answer;
    } catch (SoapFault $fault) {
      db()->exec('rollback to work');
      $log['fault'] = $fault->getMessage();
      throw $fault;
    } finally {
      insert('call', $log);
      db()->exec('commit');
      self::linger('latency_after_ms');
      if ($log['is_write'] && !$log['fault']) self::maybe_lose_the_answer();
    }
  }

  private static function linger(string $which): void {
    $ms = (int) setting($which, 0);
    if ($ms) usleep(random_int(0, $ms * 1000));
  }

  /** The work is done and committed, and the client never hears of it. */
  private static function maybe_lose_the_answer(): void {
    if (!run("update setting set value = value - 1 where name = 'lose_answers' and value > 0")) return;
    header('Content-Type: text/html', true, 502);
    while (ob_get_level()) ob_end_clean();
    exit('<html><body>502 Bad Gateway</body></html>');
  }
}

/** Structs as arrays, all the way down; a struct whose fields are all nil is no search at all. */
function plain($v) {
  if (is_object($v)) $v = get_object_vars($v);
  if (!is_array($v)) return $v;
  $v = array_filter(array_map(plain(...), $v), fn($x) => $x !== null);
  return $v ?: null;
}

/** Whose books a call belongs to, so that the judge can count the writes of one subscription. */
function partner_of(string $service, string $method, array $a): ?int {
  $group = $a['user_group_id'] ?? $a['source_user_group_id'] ?? $a['search']['user_group_id'] ?? null;
  $keystring = $a['keystring'] ?? null;
  $user = $a['user_id'] ?? $a['search']['user_id'] ?? ($service === 'user' ? $a['id'] ?? null : null);
  return match (true) {
    $service === 'partner' => $a['id'] ?? $a['search']['id'] ?? null,
    isset($a['partner_id']) => $a['partner_id'],
    isset($a['source_partner_id']) => $a['source_partner_id'],
    isset($a['search']['partner_id']) => $a['search']['partner_id'],
    $keystring !== null => value('select g.partner_id from licence l join grp g on g.id = l.group_id where l.keystring = ?', $keystring),
    $service === 'machine' && isset($a['id']) => value('select g.partner_id from machine m join usr u on u.id = m.user_id join grp g on g.id = u.group_id where m.id = ?', $a['id']),
    $user !== null => value('select g.partner_id from usr u join grp g on g.id = u.group_id where u.id = ?', $user),
    $service === 'user_group' && isset($a['id']) => value('select partner_id from grp where id = ?', $a['id']),
    $group !== null => value('select partner_id from grp where id = ?', $group),
    default => null,
  };
}
