-- description: only locales that are translated

ALTER TABLE users ADD CONSTRAINT users_locale_known CHECK (locale IN ('en', 'de', 'fr'));
