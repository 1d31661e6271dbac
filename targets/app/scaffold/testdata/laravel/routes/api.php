<?php
Route::get('/stock', [C::class, 'index']);
Route::post('/buy', [C::class, 'buy']);
