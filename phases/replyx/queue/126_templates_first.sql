-- description: the first templates

INSERT INTO templates SELECT i, 'Template ' || i, 'Thank you for your message ' || i FROM generate_series(1, 30) AS i;
