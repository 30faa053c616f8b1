<?php
// Is the envelope what contract section 1 says: every part, by name, in order, typed, nil when unset; the action in its header?
// The server accepts what ext-soap accepts; what it would rather have seen is a complaint, which the judge reports.
require_once __DIR__ . '/ops.php';

const XSI = 'http://www.w3.org/2001/XMLSchema-instance';

/** @return string[] */
function lint(string $service, string $action, string $xml): array {
  $dom = new DOMDocument();
  if (!@$dom->loadXML($xml)) return ["$service: the envelope is not XML"];
  $call = null;
  foreach ($dom->getElementsByTagNameNS('http://schemas.xmlsoap.org/soap/envelope/', 'Body')->item(0)?->childNodes ?? [] as $node)
    if ($node instanceof DOMElement) { $call = $node; break; }
  if (!$call || !isset(OPS[$service][$call->localName])) return ["$service: unknown operation " . $call?->localName];
  $what = "$service.{$call->localName}";
  $says = [];
  if (trim($action, '"') !== "/$service/api/{$call->localName}") $says[] = "$what: SOAPAction is $action";
  if ($call->namespaceURI !== NAMESPACE_) $says[] = "$what: namespace is {$call->namespaceURI}";
  $seen = [];
  foreach ($call->childNodes as $part) if ($part instanceof DOMElement) {
    $seen[] = $part->localName;
    $nil = in_array($part->getAttributeNS(XSI, 'nil'), ['true', '1']);
    if (!$nil && $part->getAttributeNS(XSI, 'type') === '' && !$part->hasAttribute('href')) $says[] = "$what: {$part->localName} has no xsi:type";
  }
  $expected = ['api_key', ...array_keys(parts(OPS[$service][$call->localName][0]))];
  $left_out = array_diff($expected, $seen, MAY_BE_LEFT_OUT);
  if ($left_out) $says[] = "$what: left out " . implode(', ', $left_out);
  if (array_values(array_intersect($expected, $seen)) !== $seen) $says[] = "$what: parts are " . implode(', ', $seen);
  return $says;
}
