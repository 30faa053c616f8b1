<?php
// The WSDL of one service, rpc/encoded, generated from ops.php; ext-soap reads it to decode our client's envelopes and to encode the answers.
require_once __DIR__ . '/ops.php';

function wsdl(string $service, string $endpoint, string $int = 'long'): string {
  $types = $messages = $porttype = $binding = '';
  foreach (STRUCTS as $name => $spec) {
    $fields = '';
    foreach (parts($spec) as $field => $type)
      $fields .= "<element name=\"$field\" type=\"" . qualified($type, $int) . '" minOccurs="0" nillable="true"/>';
    $types .= "<complexType name=\"$name\"><sequence>$fields</sequence></complexType>\n";
  }
  foreach (ARRAYS as $name => $item)
    $types .= "<complexType name=\"$name\"><complexContent><restriction base=\"soapenc:Array\"><attribute ref=\"soapenc:arrayType\" wsdl:arrayType=\"{$item}[]\"/></restriction></complexContent></complexType>\n";
  foreach (OPS[$service] as $method => [$spec, $returns]) {
    $in = '<part name="api_key" type="xsd:string"/>';
    foreach (parts($spec) as $part => $type) $in .= "<part name=\"$part\" type=\"" . qualified($type, $int) . '"/>';
    $out = '<part name="return" type="' . qualified($returns, $int) . '"/>';
    $messages .= "<message name=\"{$method}In\">$in</message><message name=\"{$method}Out\">$out</message>\n";
    $porttype .= "<operation name=\"$method\"><input message=\"tns:{$method}In\"/><output message=\"tns:{$method}Out\"/></operation>\n";
    $body = '<soap:body use="encoded" encodingStyle="http://schemas.xmlsoap.org/soap/encoding/" namespace="' . NAMESPACE_ . '"/>';
    $binding .= "<operation name=\"$method\"><soap:operation soapAction=\"/$service/api/$method\"/><input>$body</input><output>$body</output></operation>\n";
  }
  $ns = NAMESPACE_;
  return <<<XML
<?xml version="1.0" encoding="UTF-8"?>
<definitions name="$service" targetNamespace="$ns" xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:tns="$ns"
  xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
  xmlns:soapenc="http://schemas.xmlsoap.org/soap/encoding/" xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/">
<types><schema xmlns="http://www.w3.org/2001/XMLSchema" targetNamespace="$ns"><import namespace="http://schemas.xmlsoap.org/soap/encoding/"/>
$types</schema></types>
$messages<portType name="Port">$porttype</portType>
<binding name="Binding" type="tns:Port"><soap:binding style="rpc" transport="http://schemas.xmlsoap.org/soap/http"/>$binding</binding>
<service name="$service"><port name="Port" binding="tns:Binding"><soap:address location="$endpoint"/></port></service>
</definitions>
XML;
}

/** `$int` is what a 64-bit number is called on the wire (switch int_encoding). */
function qualified(string $type, string $int): string {
  if ($type === 'long') return "xsd:$int";
  return isset(STRUCTS[$type]) || isset(ARRAYS[$type]) ? "tns:$type" : "xsd:$type";
}
