-- description: open dialogs first

UPDATE dialogs SET priority = 1 WHERE status = 'open';
