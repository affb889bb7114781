process.stdout.write('up\n');
