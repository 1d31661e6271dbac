@Controller('orders')
export class OrdersController {
  @Post()
  create() {}
  @Post(':id/pay')
  pay() {}
  @Get()
  all() {}
}
