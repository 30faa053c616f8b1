<?php
// The operations and structs of contract section 2, in wire order: the WSDL, the door and the lint are all derived from this page.
// "part:type"; a type is an XSD type, a struct or an array of ARRAYS.

const NAMESPACE_ = 'urn:ActionWebService';
const MAY_BE_LEFT_OUT = ['password', 'root_admin_password'];

const OPS = [
  'partner' => [
    'Create' => ['parent_partner_id:long name:string company_type:string subdomain:string root_role:long root_admin_username:string root_admin_password:string root_admin_full_name:string external_id:string root_admin_external_id:string details:KeyValues root_admin_details:KeyValues enable_sync:boolean default_sync_quota:int', 'long'],
    'Get' => ['id:long search:PartnerFind details:Strings', 'PartnerResult'],
    'Update' => ['id:long search:PartnerFind name:string company_type:string subdomain:string root_role:long external_id:string details:KeyValues enable_sync:boolean default_sync_quota:int', 'int'],
    'Delete' => ['id:long search:PartnerFind', 'int'],
  ],
  'user_group' => [
    'Create' => ['partner_id:long name:string default_quotas:DefaultQuotas default_for_partner:boolean external_id:string enable_sync:boolean', 'long'],
    'Get' => ['id:long search:GroupFind', 'UserGroupResult'],
    'Update' => ['id:long search:GroupFind name:string default_quotas:DefaultQuotas default_for_partner:boolean external_id:string details:KeyValues enable_sync:boolean', 'int'],
    'Delete' => ['id:long search:GroupFind', 'int'],
  ],
  'admin' => [
    'Create' => ['parent_admin_id:long username:string password:string full_name:string external_id:string roles:Longs user_groups:Longs', 'long'],
    'Get' => ['id:long search:AdminFind details:Strings', 'AdminResult'],
    'Delete' => ['id:long', 'int'],
  ],
  'user' => [
    'Create' => ['user_group_id:long username:string password:string full_name:string details:KeyValues external_id:string enable_sync:boolean', 'long'],
    'Get' => ['id:long search:UserFind details:Strings', 'UserResult'],
    'Update' => ['id:long search:UserFind user_group_id:long username:string password:string full_name:string details:KeyValues external_id:string enable_sync:boolean', 'int'],
    'Delete' => ['id:long', 'int'],
  ],
  'resource' => [
    'Provision' => ['partner_id:long user_group_id:long license_type:string licenses:int quota:int', 'LicenseResult'],
    'Release' => ['partner_id:long user_group_id:long license_type:string licenses:int quota:int', 'int'],
    'Transfer' => ['source_partner_id:long source_user_group_id:long target_partner_id:long target_user_group_id:long license_type:string licenses:int quota:int', 'int'],
    'GetResources' => ['partner_id:long user_group_id:long', 'Resources'],
    'GetLicenses' => ['keystring:string search:LicenseFind', 'LicenseResult'],
    'UpdateLicenses' => ['keystring:string search:LicenseFind assigned_email_address:string quota_desired:int external_id:string license_type:string deliver_emails:boolean expires_at:dateTime clear_expires_at:boolean user_group_id:long', 'int'],
  ],
  'machine' => [
    'Create' => ['user_id:long keystring:string alias:string external_id:string quota_desired:int region:string machine_hash:string', 'long'],
    'Get' => ['id:long search:MachineFind', 'MachineResult'],
    'Update' => ['id:long search:MachineFind quota:int status:string source_machine_id:long external_id:string details:KeyValues', 'int'],
    'Delete' => ['id:long', 'int'],
  ],
  'email' => [
    'Deliver' => ['template:string user_id:long admin_id:long email:string language:string', 'boolean'],
  ],
];

const STRUCTS = [
  'KeyValue' => 'key:string value:string',
  'DefaultQuota' => 'type:string quota:int',
  'PartnerFind' => 'id:long root_admin_username:string name:string external_id:string',
  'GroupFind' => 'partner_id:long',
  'AdminFind' => 'username:string',
  'UserFind' => 'user_group_id:long username:string',
  'LicenseFind' => 'status:string license_type:string user_group_id:long assigned_email_address:string no_sub_partners:boolean',
  'MachineFind' => 'user_id:long alias:string',
  'Partner' => 'id:long name:string status:string external_id:string subdomain:string parent_partner_id:long root_role_id:long default_user_group_id:long root_admin:Admin enable_sync:boolean default_sync_quota:int',
  'Admin' => 'id:long partner_id:long parent_admin_id:long username:string full_name:string external_id:string user_groups:Longs roles:Longs details:KeyValues',
  'UserGroup' => 'id:long partner_id:long name:string status:string external_id:string default_quotas:DefaultQuotas enable_sync:boolean',
  'User' => 'id:long user_group_id:long username:string full_name:string status:string external_id:string enable_sync:boolean details:KeyValues',
  'License' => 'keystring:string license_type:string user_group_id:long machine_id:long assigned_email_address:string quota_desired:int expires_at:dateTime external_id:string',
  'Resource' => 'license_type:string licenses:int licenses_reserved:int licenses_used:int quota:int quota_distributed:int quota_used_bytes:long',
  'Machine' => 'id:long user_id:long status:string alias:string external_id:string keystring:string quota:int quota_used_bytes:long last_backup_at:dateTime',
  'PartnerResult' => 'size:int results:Partners',
  'UserGroupResult' => 'size:int results:UserGroups',
  'AdminResult' => 'size:int results:Admins',
  'UserResult' => 'size:int results:Users',
  'LicenseResult' => 'size:int results:Licenses',
  'MachineResult' => 'size:int results:Machines',
];

const ARRAYS = [
  'KeyValues' => 'tns:KeyValue', 'DefaultQuotas' => 'tns:DefaultQuota', 'Strings' => 'xsd:string', 'Longs' => 'xsd:long',
  'Partners' => 'tns:Partner', 'UserGroups' => 'tns:UserGroup', 'Admins' => 'tns:Admin', 'Users' => 'tns:User',
  'Licenses' => 'tns:License', 'Machines' => 'tns:Machine', 'Resources' => 'tns:Resource',
];

function is_read(string $method): bool { return str_starts_with($method, 'Get'); }

/** [name => type] of a spec, in order. */
function parts(string $spec): array {
  $parts = [];
  foreach (explode(' ', $spec) as $part) { [$name, $type] = explode(':', $part); $parts[$name] = $type; }
  return $parts;
}
