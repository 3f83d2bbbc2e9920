-- description: the head that the application expects

UPDATE alembic_version SET version_num = 'e5b8f2c60d17';
