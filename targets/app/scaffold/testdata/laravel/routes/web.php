<?php
Route::post('orders/{order}/pay', [C::class, 'pay']);
