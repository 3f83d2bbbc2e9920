-- description: the import is over

DROP TABLE IF EXISTS temp_data CASCADE;
