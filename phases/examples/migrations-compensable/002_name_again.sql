-- description: compensate for 001 by naming the customers after their numbers

UPDATE customers SET name = 'customer ' || id WHERE name NOT LIKE 'customer %';
