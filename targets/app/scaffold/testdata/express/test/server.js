app.post('/not-this', x)
