-- description: locales of the users there are

UPDATE users SET locale = CASE id % 3 WHEN 0 THEN 'de' WHEN 1 THEN 'en' ELSE 'fr' END;
