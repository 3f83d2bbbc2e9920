-- description: cut the prefix off the customers' names; what was cut off is not kept

UPDATE customers SET name = substr(name, length('customer ') + 1) WHERE name LIKE 'customer %';
