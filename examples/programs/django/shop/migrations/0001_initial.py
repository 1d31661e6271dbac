from django.db import migrations, models


def one_hat(apps, schema_editor):
    apps.get_model("shop", "Stock").objects.create(item="hat", left_over=1)


class Migration(migrations.Migration):
    operations = [
        migrations.CreateModel(
            name="Stock",
            fields=[
                ("item", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("left_over", models.IntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Order",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("customer", models.CharField(max_length=20)),
                ("item", models.CharField(max_length=20)),
                ("made", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.RunPython(one_hat),
    ]
