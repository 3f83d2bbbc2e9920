-- description: articles reviewed so far

UPDATE knowledge_documents SET reviewed = true WHERE id % 2 = 0;
