urlpatterns = [
    path("admin/", admin.site.urls),
    path("", views.index),
    path("buy/", views.buy),
    path("orders/<int:pk>/pay/", views.pay),
]
