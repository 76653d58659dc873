INSERT INTO person (pid, name) VALUES (1, 'ada');
INSERT INTO person (pid, name) VALUES (2, 'grace');

INSERT INTO folder (fid, parent_fid, pid, title) VALUES (1, NULL, 1, 'inbox');
INSERT INTO folder (fid, parent_fid, pid, title) VALUES (2, NULL, 2, 'inbox');

INSERT INTO setting (fid, pid, word, value) VALUES (1, 1, 'colour', 'blue');
INSERT INTO setting (fid, pid, word, value) VALUES (1, 2, 'size', '12');
INSERT INTO setting (fid, pid, word, value) VALUES (2, 1, 'sort', 'by date');
INSERT INTO setting (fid, pid, word, value) VALUES (2, 2, 'sort', 'by name');
