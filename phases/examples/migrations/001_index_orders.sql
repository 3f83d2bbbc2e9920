-- description: add an index for the orders of a customer

CREATE INDEX idx_orders_customer ON orders(customer_id, id);
