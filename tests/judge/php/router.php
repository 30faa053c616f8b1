<?php
// Mozy's admin API over HTTP: `MOZY_DB=file php -S 127.0.0.1:port router.php`. The dialect is ext-soap's own, from the WSDL of wsdl.php.
foreach (['ops', 'wsdl', 'store', 'tree', 'lint', 'sync', 'partners', 'groups', 'people', 'resources', 'machines', 'door', 'hooks'] as $file) require_once __DIR__ . "/$file.php";
ini_set('soap.wsdl_cache_enabled', '0');
ini_set('display_errors', '0');

$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
$body = file_get_contents('php://input');

if (preg_match('#^/hooks/(\w+)$#', $path, $m)) return hook($m[1], json_decode($body ?: '{}', true));
if (setting('down')) return refuse(503, (int) setting('retry_after', 0));
if (!preg_match('#^/api/0\.1\.50/(\w+)/(api|service\.wsdl)$#', $path, $m) || !isset(OPS[$m[1]])) return refuse(404);
[, $service, $face] = $m;
$endpoint = "http://{$_SERVER['HTTP_HOST']}/api/0.1.50/$service/api";
if ($face === 'service.wsdl') { header('Content-Type: text/xml'); echo wsdl($service, $endpoint, setting('int_encoding', 'long')); return true; }

run("update setting set value = value - 1 where name = 'throttle' and value > 0") && refuse(429, 1) && exit;
foreach (lint($service, $_SERVER['HTTP_SOAPACTION'] ?? '', $body) as $what) insert('complaint', ['at' => microtime(true), 'what' => $what]);
$wsdl = getenv('MOZY_DB') . ".$service." . setting('int_encoding', 'long') . '.wsdl';
if (!file_exists($wsdl)) { file_put_contents("$wsdl." . getmypid(), wsdl($service, $endpoint, setting('int_encoding', 'long'))); rename("$wsdl." . getmypid(), $wsdl); }
// ext-soap answers a fault with 500 and ends there; the switch is applied on the way out.
ob_start(function (string $out) { if (setting('fault_http_status') === '200') header('HTTP/1.1 200 OK', true, 200); return $out; });
$server = new SoapServer($wsdl, ['features' => SOAP_SINGLE_ELEMENT_ARRAYS]);
$server->setObject(new Door($service));
$server->handle($body);
ob_end_flush();
return true;

function hook(string $name, array $a): bool {
  header('Content-Type: application/json');
  try {
    if ($name !== 'setup') db()->exec('begin immediate');
    $answer = (new Hooks)->$name($a);
    if ($name !== 'setup') db()->exec('commit');
    echo json_encode((object) $answer);
  } catch (Throwable $e) {
    http_response_code(500);
    echo json_encode(['error' => $e->getMessage()]);
  }
  return true;
}

function refuse(int $status, int $retry_after = 0): bool {
  header('Content-Type: text/html', true, $status);
  if ($retry_after) header("Retry-After: $retry_after");
  echo "<html><body>$status</body></html>";
  return true;
}
