ALTER TABLE licences DROP COLUMN address;
