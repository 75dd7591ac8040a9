import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('contacts', '0002_list_indexes'),
    ]

    operations = [
        migrations.AddField(
            model_name='business',
            name='invoice_prefix',
            field=models.CharField(blank=True, default='INV-', max_length=12),
        ),
        migrations.AddField(
            model_name='business',
            name='next_invoice_number',
            field=models.PositiveIntegerField(default=1001, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(999999999)]),
        ),
        migrations.AddField(
            model_name='business',
            name='payment_days',
            field=models.PositiveSmallIntegerField(default=30, validators=[django.core.validators.MaxValueValidator(999)]),
        ),
        migrations.AddField(
            model_name='invoice',
            name='discount_percent',
            field=models.DecimalField(blank=True, decimal_places=4, max_digits=7, null=True),
        ),
        migrations.AddField(
            model_name='invoice',
            name='emailed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
