from django.db import models


class Stock(models.Model):
    item = models.CharField(max_length=20, primary_key=True)
    left_over = models.IntegerField()


class Order(models.Model):
    customer = models.CharField(max_length=20)
    item = models.CharField(max_length=20)
    made = models.DateTimeField(auto_now_add=True)
