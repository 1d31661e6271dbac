import os

from django.http import JsonResponse
from django.urls import path

from shop.models import Order, Stock


def buy(request):
    """Sells the last hat. MODE=mended locks the row that it decides by."""
    stocks = Stock.objects.select_for_update() if os.environ.get("MODE") == "mended" else Stock.objects
    stock = stocks.get(item="hat")
    if stock.left_over < 1:
        return JsonResponse({"error": "sold out"}, status=409)
    stock.left_over -= 1
    stock.save()
    order = Order.objects.create(customer=request.GET["customer"], item="hat")
    return JsonResponse({"order": order.id, "made": order.made})


urlpatterns = [path("buy", buy)]
